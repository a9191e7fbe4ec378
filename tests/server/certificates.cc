#include "tests/server/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace sconce::tests {

namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using X509Pointer = std::unique_ptr<X509, Free>;
using KeyPointer = std::unique_ptr<EVP_PKEY, Free>;

constexpr long kDaySeconds = 24 * 60 * 60;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  require(out != nullptr && write(out.get()) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  require(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1, value.c_str());
}

X509Pointer unsigned_certificate(const std::string& common_name, EVP_PKEY& key, long from_seconds, long to_seconds) {
  X509Pointer certificate(X509_new());
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_set_version(certificate.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to_seconds);
  X509_set_pubkey(certificate.get(), &key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  return certificate;
}

void sign(X509& certificate, X509& issuer, EVP_PKEY& key) {
  X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer));
  require(X509_sign(&certificate, &key, EVP_sha256()) > 0, "its signature");
}

std::string pem_of_key(EVP_PKEY& key, const EVP_CIPHER* cipher = nullptr) {
  const std::string passphrase = cipher == nullptr ? "" : "secret";
  const auto write = [&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, &key, cipher, reinterpret_cast<const unsigned char*>(passphrase.data()),
                                    static_cast<int>(passphrase.size()), nullptr, nullptr);
  };
  return pem_of(write);
}

}  // namespace

std::string rsa_key() {
  const KeyPointer key(EVP_RSA_gen(2048));
  return pem_of_key(*key);
}

std::string with_passphrase(const std::string& key) {
  const std::unique_ptr<BIO, Free> in(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  const KeyPointer read(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  require(read != nullptr, "a key");
  return pem_of_key(*read, EVP_aes_128_cbc());
}

struct Authority::Parts {
  explicit Parts(const std::string& name) : certificate(unsigned_certificate(name, *key, -kDaySeconds, kDaySeconds)) {}

  KeyPointer key{EVP_EC_gen("P-256")};
  X509Pointer certificate;

  Certificate issue(const std::string& common_name, const std::string& names, long from, long to) const {
    const KeyPointer own(EVP_EC_gen("P-256"));
    const X509Pointer issued = unsigned_certificate(common_name, *own, from, to);
    add_extension(*issued, *certificate, NID_subject_alt_name, names);
    sign(*issued, *certificate, *key);
    return {.chain = pem_of([&](BIO* out) { return PEM_write_bio_X509(out, issued.get()); }), .key = pem_of_key(*own)};
  }
};

Authority::Authority(const std::string& name) : parts_(std::make_unique<Parts>(name)) {
  X509& own = *parts_->certificate;
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_key_usage, "critical,keyCertSign");
  sign(own, own, *parts_->key);
}

Authority::~Authority() = default;

std::string Authority::certificate() const {
  return pem_of([&](BIO* out) { return PEM_write_bio_X509(out, parts_->certificate.get()); });
}

Certificate Authority::issue(const std::string& common_name, const std::string& names) const {
  return parts_->issue(common_name, names, -kDaySeconds, kDaySeconds);
}

Certificate Authority::issue_expired(const std::string& common_name) const {
  return parts_->issue(common_name, "DNS:localhost", -2 * kDaySeconds, -kDaySeconds);
}

}  // namespace sconce::tests
