#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/http_client.h"
#include "tests/server/server_process.h"
#include "tests/server/tokens.h"
#include "tests/support/files.h"

namespace sconce::tests {

inline const std::string kNumber = "1\n3.5\n";  // an object in ascii

/// A file of tokens: kTokens[i] with grants[i].
inline std::string token_file(const std::vector<std::string>& grants) {
  std::string text = "# tokens of a test\n";
  for (std::size_t i = 0; i < grants.size(); ++i) text += kTokens[i].line + ' ' + grants[i] + '\n';
  return text;
}

/// A server that asks for tokens. The first one may everything.
class ServedTokens : public testing::Test {
 protected:
  explicit ServedTokens(std::vector<std::string> grants, std::vector<std::string> arguments = {})
      : file_(directory_.write("tokens", token_file(grants))),
        server_(directory_.path() / "data", with_file(arguments)) {}

  HttpResponse send(HttpRequest request, const TestToken* token = nullptr) const {
    if (token != nullptr) request.fields.push_back(token->field());
    return http(server_.port(), request);
  }
  unsigned status(const HttpRequest& request, const TestToken* token = nullptr) const {
    return send(request, token).status;
  }
  void put(const std::string& key) const {
    const unsigned done = status({.method = "PUT", .target = "/v1/objects/" + key, .body = kNumber}, &kTokens[0]);
    EXPECT_TRUE(done == 201 || done == 200) << key << ' ' << done;
  }

  TemporaryDirectory directory_;
  const std::string file_;
  ServerProcess server_;

 private:
  std::vector<std::string> with_file(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--tokens", file_});
    return arguments;
  }
};

}  // namespace sconce::tests
