#pragma once

#include <string>

namespace sconce::tests {

/// A token, and the begin of its line in a file of tokens; what it grants follows. They open nothing: their hashes were
/// made by `printf %s%s SALT TOKEN | sha256sum`, and stand in no file but the tests'.
struct TestToken {
  std::string token;
  std::string line;

  std::string field() const { return "Authorization: Bearer " + token; }
};

inline const TestToken kTokens[] = {
    {"sconce_9ca08cccf30c1132_630be32691266b71a326a36bb88a49bbbd5b08539cf8b7f0beaea26c365404a4",
     "9ca08cccf30c1132 "
     "sha256:e94cd3909927ef59aa2945b3ac66b25b:80536eec0ec38c3ae1b45c0ddeea2888b6db8c4e81dbfeef46a0852de787a06a"},
    {"sconce_9885395176174e46_c7d070d5da3f57319c8f7473cbcb9fde5dd2bc90ce8718f4008f201ef96b81be",
     "9885395176174e46 "
     "sha256:6a7fa64362a1fed158dcb21788698ab6:6ad12d6e23b976cce664dfafa4a94d5ecef02f4a26f67ee79fb8730a49cac3f7"},
    {"sconce_7577ca64f5d0bd8a_a98ac6f4e166e56d418d53927e577e779fd99239bc1b0cdb24bacb2770ec1b69",
     "7577ca64f5d0bd8a "
     "sha256:e682d352b90b28b497ae4b8bfd69627a:61b149d08a84b146d2db3a1cd06873914f796ecdfea3c7b4b11024bb3ffae266"},
    {"sconce_245a6995e2a17276_8fa2cfcc6f74e531027425610bae4700eb709d7c8ae2188bf00c811a74ca8a2e",
     "245a6995e2a17276 "
     "sha256:03bd6eda53e234ef4b1f16e2fac2c876:5ce757c8fd1233b481bc9c5245ce687c1eafe5b6dea91b1468b1c92b83bf8716"},
    {"sconce_1d003c221b68cb1f_7e17fe0187fdade98a8ef28d4da2ce8a75159ba8c9c1339103f694b64ccb3378",
     "1d003c221b68cb1f "
     "sha256:498449d48b0ad6956027c3ecf6fee614:ff686263f76753e9332c29db382efa2936b45133e29ec38830f67244281b18ce"},
    {"sconce_0b5e10278629e5a8_eb905580b170b6305db4cece3b12a8f8ac1795f2e3e96aa0f5299acaf44f0df8",
     "0b5e10278629e5a8 "
     "sha256:2bb7998496899acdd8137fad3a44faf9:649e29cfe240d1c20459d4c61cccec6a3522ef6145ce09d1e403e2cf2b3e28c5"},
    {"sconce_53ff5dce66032f71_c6d920a8cd8132fcbfb9abaf0b59cc34239362e719531e729d83cb1a2109e009",
     "53ff5dce66032f71 "
     "sha256:c2a16346ba397e2b74d32fd7677135a4:c9bb3e288e4a323b53737bc5f499b3c64d35625246dd3dad072020fcd4432614"},
    {"sconce_dba2ac18ef6195e8_4462a0f2b5c30fb9c664d6a069e371ab26cacdfed800f7214cae1353d9a5a22f",
     "dba2ac18ef6195e8 "
     "sha256:68bcd828ff98effe872ad0b7115a5c2e:6327374d2f77148441f4f218829ea28d96d7c40cef94d8cc58b4e39c3d37352b"},
};

}  // namespace sconce::tests
