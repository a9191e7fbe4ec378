#include "proto/formats/json/json_tokenizer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <random>

namespace sconce::tests {
namespace {

/// Writes tokens down; the parts of a string are joined.
class TokenRecorder final : public proto::JsonTokenSink {
 public:
  core::Status on_open(Bracket bracket) override { return add(bracket == Bracket::object ? "{ " : "[ "); }
  core::Status on_close(Bracket bracket) override { return add(bracket == Bracket::object ? "} " : "] "); }
  core::Status on_name(std::string_view name) override { return add(std::string(name) + ": "); }
  core::Status on_text(std::string_view part, bool is_last) override {
    return add(std::string(part) + (is_last ? "' " : ""));
  }
  core::Status on_number(std::string_view text) override { return add(std::string(text) + ' '); }
  core::Status on_word(Word word) override {
    return add(word == Word::null_word ? "null " : word == Word::true_word ? "true " : "false ");
  }
  const std::string& text() const { return text_; }

 private:
  core::Status add(std::string_view text) {
    text_ += text;
    return {};
  }
  std::string text_;
};

/// The tokens of a text that comes in pieces of `piece_bytes`, or the error.
std::string tokens(std::string_view json, std::size_t piece_bytes) {
  TokenRecorder recorder;
  proto::JsonTokenizer tokenizer(recorder, {.number_bytes_max = 64});
  core::Status status;
  for (std::size_t at = 0; status && at < json.size(); at += piece_bytes) {
    status = tokenizer.put(json.substr(at, piece_bytes));
  }
  if (status) status = tokenizer.finish();
  return status ? recorder.text() : to_string(status.error());
}

constexpr std::string_view kText =
    " { \"a\\n\\u00e4\" : [ 1 , -0.5e-10,\"\\ud83d\\ude00 ä😀\x7f\", true,false , null, [], {} ] "
    ",\"\":\"\\\\\\/\"}\r\n";

TEST(JsonTokenizer, CuttingAnywhereChangesNothing) {
  const std::string whole = tokens(kText, kText.size());
  EXPECT_EQ(whole, "{ a\nä: [ 1 -0.5e-10 😀 ä😀\x7f' true false null [ ] { } ] : \\/' } ");
  for (std::size_t piece = 1; piece < kText.size(); ++piece) EXPECT_EQ(tokens(kText, piece), whole) << piece;
}

/// What stands in front of a wrong byte comes first, and is what is wrong first.
TEST(JsonTokenizer, CuttingAStringBeforeAWrongByteChangesNoError) {
  for (const char* wrong : {"\xf9", "\x01", "\\q", "\xc3\x28"}) {
    const std::string json = "{\"" + std::string(65, 'a') + wrong + "\":1}";
    const std::string whole = tokens(json, json.size());
    EXPECT_NE(whole.find("no member has a name"), std::string::npos) << whole;
    for (std::size_t piece = 1; piece < json.size(); ++piece) EXPECT_EQ(tokens(json, piece), whole) << piece;
  }
}

/// A few bytes changed, dropped or put in; most of what comes out is no JSON, but nearly.
std::string spoiled(std::string_view json, std::mt19937_64& random) {
  constexpr std::string_view kBytes =
      "{}[]:,\"\\ \t\n0123456789+-.eEtrufalsn/x\x01\x1f\x7f\x80\xbf\xc2\xe2\xed\xf0\xff";
  std::string text(json);
  const auto pick = [&](std::size_t count) { return std::size_t(random() % count); };
  for (std::size_t changes = 1 + pick(3); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = pick(text.size());
    if (const std::size_t how = pick(3); how == 0) {
      text.erase(at, 1);
    } else if (how == 1) {
      text[at] = kBytes[pick(kBytes.size())];
    } else {
      text.insert(at, 1, kBytes[pick(kBytes.size())]);
    }
  }
  return text;
}

/// Nothing where it stops at a number that no double holds, which is not the tokenizer's business, and does not look at
/// what follows.
std::optional<bool> another_accepts(const std::string& text) {
  try {
    return !nlohmann::json::parse(text).is_discarded();
  } catch (const nlohmann::json::out_of_range&) {
    return std::nullopt;
  } catch (const nlohmann::json::parse_error&) {
    return false;
  }
}

void compare_with_another_parser(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::size_t accepted = 0;
  constexpr int kTexts = 100'000;
  for (int i = 0; i < kTexts; ++i) {
    const std::string text = spoiled(kText, random);
    const std::string ours = tokens(text, text.size());
    const bool accepts = ours.find("byte ") == std::string::npos;
    if (ours.find("as long as this") != std::string::npos) continue;
    if (const auto expected = another_accepts(text)) {
      ASSERT_EQ(accepts, *expected) << text << "\n" << ours << "\nseed " << seed;
    }
    ASSERT_EQ(tokens(text, 1 + text.size() / 3), ours) << text << "\nseed " << seed;
    accepted += accepts ? 1 : 0;
  }
  EXPECT_GT(accepted, kTexts / 50);
  EXPECT_LT(accepted, kTexts / 2);
}

TEST(JsonTokenizer, AcceptsWhatAnotherParserAccepts) { compare_with_another_parser(1); }
TEST(JsonTokenizer, AcceptsWhatAnotherParserAcceptsWithANewSeed) {
  const std::uint64_t seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  compare_with_another_parser(seed);
}

}  // namespace
}  // namespace sconce::tests
