#include "proto/http/fields/entity_tag.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

using Format = ObjectFormat;

constexpr RevisionId kRevision = {0x01, 0x90, 0xf0, 0xc1, 0xe2, 0xa3, 0x00, 0x00,
                                  0xb1, 0xc2, 0xd3, 0xe4, 0xf5, 0x06, 0x17, 0xff};
const std::string kHex = "0190f0c1e2a30000b1c2d3e4f50617ff";

TEST(EntityTag, EveryRepresentationHasItsOwn) {
  struct Row {
    Representation representation;
    std::string_view name;
  };
  const Row kRows[] = {{{Format::binary, true}, "binary"},
                       {{Format::binary, false}, "binary-expanded"},
                       {{Format::ascii, true}, "ascii"},
                       {{Format::ascii, false}, "ascii-expanded"},
                       {{Format::b32, true}, "b32"},
                       {{Format::b32, false}, "b32-expanded"},
                       {{Format::plain_json, true}, "plain-json"},
                       {{.outline = true}, "outline"}};
  for (const Row& row : kRows) {
    const std::string tag = entity_tag_of(kRevision, row.representation);
    EXPECT_EQ(tag, '"' + kHex + '-' + std::string(row.name) + ".1\"");
    EXPECT_EQ(revision_of(tag), kRevision) << tag;
  }
}

TEST(EntityTag, APartStandsInItWithWhatATagCannotHoldEncoded) {
  Representation part{.format = Format::npy, .part = "a[\"%\x80 b\"]?0:1"};
  const std::string tag = entity_tag_of(kRevision, part);
  EXPECT_EQ(tag, '"' + kHex + "-npy.1@a[%22%25%80%20b%22]?0:1\"");
  EXPECT_EQ(revision_of(tag), kRevision);
  part.part += '2';
  EXPECT_NE(entity_tag_of(kRevision, part), tag);
}

TEST(RevisionOf, ReadsTagsOfOtherWriterVersions) { EXPECT_EQ(revision_of('"' + kHex + "-b32.27\""), kRevision); }

TEST(RevisionOf, TagsThatAreNotOursNameNoRevision) {
  const std::string upper = "0190F0C1E2A30000B1C2D3E4F50617FF";
  const std::string tags[] = {"",
                              "\"",
                              "\"\"",
                              "\"abc\"",
                              '"' + kHex + '"',
                              '"' + kHex + "-\"",
                              '"' + kHex + "-binary\"",
                              '"' + kHex + "-binary.\"",
                              '"' + kHex + "-binary.x\"",
                              '"' + kHex + "-binary.1.1\"",
                              '"' + kHex + "-jsonl.1\"",
                              '"' + kHex + "-b64.1\"",
                              '"' + kHex + "-binary-.1\"",
                              '"' + kHex + "_binary.1\"",
                              '"' + kHex + "-binary.1",
                              kHex + "-binary.1\"",
                              '"' + upper + "-binary.1\"",
                              "\"g" + kHex.substr(1) + "-binary.1\"",
                              '"' + kHex.substr(1) + "-binary.1\"",
                              "\"0" + kHex + "-binary.1\""};
  for (const std::string& tag : tags) EXPECT_EQ(revision_of(tag), std::nullopt) << tag;
}

/// Tags as text: `*`, or each as `"a"` or `W/"a"`, with a blank behind each.
std::string text_of(const EntityTags& tags) {
  std::string text = tags.any ? "*" : "";
  for (const EntityTags::Tag& tag : tags.tags) text += (tag.weak ? "W/" : "") + tag.opaque + ' ';
  return text;
}

TEST(EntityTags, ListsAreRead) {
  struct Row {
    std::string_view text;
    std::string_view expected;
  };
  constexpr Row kRows[] = {{"*", "*"},
                           {" * ", "*"},
                           {"\"a\"", "\"a\" "},
                           {"\"\"", "\"\" "},
                           {"W/\"a\"", "W/\"a\" "},
                           {"\"a\",W/\"b\" , \"c,d\"", "\"a\" W/\"b\" \"c,d\" "},
                           {",, \"a\" ,,\t\"b\",", "\"a\" \"b\" "},
                           {"\"*\"", "\"*\" "}};
  for (const Row& row : kRows) {
    const HttpResult<EntityTags> tags = parse_entity_tags(row.text, "If-Match");
    ASSERT_TRUE(tags) << row.text;
    EXPECT_EQ(text_of(*tags), row.expected) << row.text;
  }
}

TEST(EntityTags, ThereAreSoManyAtTheMost) {
  std::string text;
  for (std::size_t i = 0; i < kEntityTagsMax; ++i) text += "\"a\",";
  EXPECT_TRUE(parse_entity_tags(text, "If-Match"));
  const HttpResult<EntityTags> tags = parse_entity_tags(text + "\"a\"", "If-Match");
  ASSERT_FALSE(tags);
  EXPECT_EQ(tags.error(), problem_of(RequestError::bad_header, "If-Match has at most 100 entity tags"));
}

TEST(EntityTags, AnythingElseIsRefusedByTheFieldsName) {
  for (const std::string_view text : {"", " ", ",", "a", "\"a", "\"a\" \"b\"", "\"a\"b", "w/\"a\"", "W/", "W/a",
                                      "W/ \"a\"", "*, \"a\"", "\"a\", *", "**", "'a'"}) {
    const HttpResult<EntityTags> tags = parse_entity_tags(text, "If-None-Match");
    ASSERT_FALSE(tags) << text;
    EXPECT_EQ(tags.error(),
              problem_of(RequestError::bad_header, "If-None-Match must be * or a list of entity tags in double quotes"))
        << text;
  }
}

}  // namespace
}  // namespace sconce::proto
