// What is in memory is answered at once, and as what has to be read.

#include "tests/integration/served_objects.h"
#include "tests/support/float_tensor.h"

namespace sconce::tests {
namespace {

class Served : public ServedObjects {
 public:
  explicit Served(const std::vector<std::string>& arguments) : ServedObjects(arguments) {}
  using ServedObjects::get;
  using ServedObjects::put;
  void TestBody() override {}
};

/// What of an answer must not depend on where its bytes were.
std::string told(const HttpResponse& response) {
  std::string all = std::to_string(response.status) + (response.whole ? "" : " cut off");
  for (const char* const name : {"content-type", "content-length", "accept-ranges", "content-range"}) {
    const std::string value = response.field(name);
    all += "\n" + std::string(name) + ": " + value.substr(0, value.find("boundary="));
  }
  return all;
}

class HotObjects : public testing::Test {
 protected:
  void put(const std::string& key, const std::string& object) {
    hot_.put(key, object);
    cold_.put(key, object);
    hot_.get(key);
  }

  void expect_the_same(const std::string& key, const Parameters& parameters, const std::vector<std::string>& fields,
                       const std::string& method = "GET") {
    const HttpResponse hot = hot_.get(key, parameters, fields, method);
    const HttpResponse cold = cold_.get(key, parameters, fields, method);
    const std::string what = method + " " + key + query_of(parameters) + (fields.empty() ? "" : " " + fields[0]);
    EXPECT_EQ(told(hot), told(cold)) << what;
    EXPECT_EQ(hot.body.size(), cold.body.size()) << what;
    const bool has_boundary = hot.field("content-type").starts_with("multipart");  // of the revision
    EXPECT_TRUE(has_boundary || hot.body == cold.body) << what;
  }

  Served hot_{{}};
  Served cold_{{"--cache-bytes", "0"}};
};

TEST_F(HotObjects, AreAnsweredAsColdOnes) {
  put("small", float_tensor({1000}, 0));
  put("large", float_tensor({200, 1000}, 7));
  put("larger", float_tensor({500, 1000}, 3));  // too large for ranges of what is made
  put("expanded", float_view({2, 400'000}, {0, 1}, 0, 400'000));
  put("transposed", float_view({300, 1000}, {1, 300}, 0, 300'000));
  put("table", read_golden("nn_mlp.ascii.ref.t7"));
  const std::vector<std::vector<std::string>> conditions = {
      {}, {"Range: bytes=5-300000"}, {"Range: bytes=-7"}, {"Range: bytes=1000-1001,300000-300100"}};
  for (const std::string key : {"small", "large", "larger", "expanded", "transposed", "table", "none"}) {
    for (const std::string format : {"binary", "npy", "safetensors", "ascii"}) {
      for (const auto& fields : conditions) expect_the_same(key, {{"format", format}}, fields);
      expect_the_same(key, {{"format", format}}, {}, "HEAD");
    }
  }
}

}  // namespace
}  // namespace sconce::tests
