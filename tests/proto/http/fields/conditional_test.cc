#include "proto/http/fields/conditional.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

constexpr RevisionId kFirst = {1};
constexpr RevisionId kSecond = {2};

std::string tag_of(const RevisionId& revision, ObjectFormat format = ObjectFormat::binary) {
  return entity_tag_of(revision, {format, true});
}

Conditions conditions_of(const std::string* if_match, const std::string* if_none_match) {
  const HttpResult<Conditions> conditions = parse_conditions(if_match, if_none_match);
  if (conditions) return *conditions;
  ADD_FAILURE() << conditions.error().detail;
  return {};
}

TEST(Conditions, AbsentFieldsAreNothing) {
  const Conditions conditions = conditions_of(nullptr, nullptr);
  EXPECT_FALSE(conditions.if_match);
  EXPECT_FALSE(conditions.if_none_match);
}

TEST(Conditions, ErrorsNameTheField) {
  const std::string good = "*";
  const std::string bad = "nonsense";
  EXPECT_EQ(parse_conditions(&bad, &good).error(),
            problem_of(RequestError::bad_header, "If-Match must be * or a list of entity tags in double quotes"));
  EXPECT_EQ(parse_conditions(&good, &bad).error(),
            problem_of(RequestError::bad_header, "If-None-Match must be * or a list of entity tags in double quotes"));
}

TEST(EvaluateRead, FollowsRfc9110) {
  const std::string any = "*";
  const std::string same = tag_of(kFirst);
  const std::string weak = "W/" + same;
  const std::string other = tag_of(kSecond);
  const std::string other_format = tag_of(kFirst, ObjectFormat::ascii);
  const std::string list = other + ", " + same;
  struct Row {
    std::string_view name;
    const std::string* if_match;
    const std::string* if_none_match;
    bool exists;
    ReadOutcome outcome;
  };
  using enum ReadOutcome;
  const Row rows[] = {{"no condition", nullptr, nullptr, true, proceed},
                      {"no condition, no object", nullptr, nullptr, false, proceed},
                      {"match *", &any, nullptr, true, proceed},
                      {"match *, no object", &any, nullptr, false, precondition_failed},
                      {"match same", &same, nullptr, true, proceed},
                      {"match same, no object", &same, nullptr, false, precondition_failed},
                      {"match list", &list, nullptr, true, proceed},
                      {"match other", &other, nullptr, true, precondition_failed},
                      {"match weak", &weak, nullptr, true, precondition_failed},
                      {"match other representation", &other_format, nullptr, true, precondition_failed},
                      {"none match *", nullptr, &any, true, not_modified},
                      {"none match *, no object", nullptr, &any, false, proceed},
                      {"none match same", nullptr, &same, true, not_modified},
                      {"none match weak", nullptr, &weak, true, not_modified},
                      {"none match list", nullptr, &list, true, not_modified},
                      {"none match other", nullptr, &other, true, proceed},
                      {"none match other representation", nullptr, &other_format, true, proceed},
                      {"none match same, no object", nullptr, &same, false, proceed},
                      {"If-Match fails first", &other, &same, true, precondition_failed},
                      {"If-Match holds, then If-None-Match", &same, &same, true, not_modified},
                      {"both hold", &same, &other, true, proceed}};
  for (const Row& row : rows) {
    const std::optional<std::string> current = row.exists ? std::optional(same) : std::nullopt;
    EXPECT_EQ(evaluate_read(conditions_of(row.if_match, row.if_none_match), current), row.outcome) << row.name;
  }
}

TEST(WriteConditions, SpeakOfRevisions) {
  const std::string any = "*";
  const std::string both = tag_of(kFirst) + ", " + tag_of(kSecond, ObjectFormat::b32);
  const std::string weak_and_foreign = "W/" + tag_of(kFirst) + ", \"foreign\"";
  using Kind = WriteCondition::Kind;
  struct Row {
    std::string_view name;
    const std::string* if_match;
    const std::string* if_none_match;
    Kind kind;
    std::vector<RevisionId> revisions;
  };
  const Row rows[] = {{"none", nullptr, nullptr, Kind::any, {}},
                      {"match *", &any, nullptr, Kind::exists, {}},
                      {"none match *", nullptr, &any, Kind::absent, {}},
                      {"match", &both, nullptr, Kind::revision_is_one_of, {kFirst, kSecond}},
                      {"match weak or foreign: never", &weak_and_foreign, nullptr, Kind::revision_is_one_of, {}},
                      {"none match", nullptr, &both, Kind::revision_is_none_of, {kFirst, kSecond}},
                      {"none match weak", nullptr, &weak_and_foreign, Kind::revision_is_none_of, {kFirst}}};
  for (const Row& row : rows) {
    const HttpResult<WriteCondition> condition = write_condition(conditions_of(row.if_match, row.if_none_match));
    ASSERT_TRUE(condition) << row.name;
    EXPECT_EQ(condition->kind, row.kind) << row.name;
    EXPECT_EQ(condition->revisions, row.revisions) << row.name;
  }
}

TEST(WriteConditions, BothFieldsAreRefused) {
  const std::string any = "*";
  const HttpResult<WriteCondition> condition = write_condition(conditions_of(&any, &any));
  ASSERT_FALSE(condition);
  EXPECT_EQ(condition.error(),
            problem_of(RequestError::bad_header, "a write takes If-Match or If-None-Match, not both"));
}

}  // namespace
}  // namespace sconce::proto
