#include "mls/key_package.h"

#include <algorithm>
#include <utility>

namespace mls {
namespace {

constexpr std::uint16_t mls10 = 1;
constexpr std::uint16_t wire_format_key_package = 5;
constexpr std::uint8_t source_key_package = 1;
constexpr std::uint16_t last_resort_extension = 0x000a;

Bytes parsed_part(Bytes whole, const TlsReader& reader) {
  return whole.first(whole.size() - reader.rest().size());
}

std::vector<std::uint16_t> read_numbers(TlsReader& reader) {
  TlsReader list(reader.read_vector());
  std::vector<std::uint16_t> numbers;
  while (!list.at_end()) numbers.push_back(list.read_u16());
  if (!list.ok()) reader.fail();
  return numbers;
}

std::vector<Extension> read_extensions(TlsReader& reader) {
  TlsReader list(reader.read_vector());
  std::vector<Extension> extensions;
  while (!list.at_end()) {
    const std::uint16_t type = list.read_u16();
    extensions.push_back({type, list.read_vector()});
  }
  if (!list.ok()) reader.fail();
  return extensions;
}

Credential read_credential(TlsReader& reader) {
  const CredentialType type{reader.read_u16()};
  if (type != CredentialType::basic && type != CredentialType::x509) reader.fail();
  return {type, reader.read_vector()};
}

Capabilities read_capabilities(TlsReader& reader) {
  Capabilities capabilities;
  capabilities.versions = read_numbers(reader);
  capabilities.cipher_suites = read_numbers(reader);
  capabilities.extensions = read_numbers(reader);
  capabilities.proposals = read_numbers(reader);
  capabilities.credentials = read_numbers(reader);
  return capabilities;
}

Bytes read_key(TlsReader& reader) {
  const Bytes key = reader.read_vector();
  if (key.empty()) reader.fail();
  return key;
}

std::expected<LeafNode, KeyPackageError> read_leaf_node(TlsReader& reader) {
  const Bytes whole = reader.rest();
  LeafNode leaf;
  leaf.encryption_key = read_key(reader);
  leaf.signature_key = read_key(reader);
  leaf.credential = read_credential(reader);
  leaf.capabilities = read_capabilities(reader);
  const std::uint8_t source = reader.read_u8();
  if (reader.ok() && source != source_key_package) {
    return std::unexpected(KeyPackageError::wrong_leaf_node_source);
  }
  leaf.lifetime.not_before = reader.read_u64();
  leaf.lifetime.not_after = reader.read_u64();
  leaf.extensions = read_extensions(reader);
  leaf.to_be_signed = parsed_part(whole, reader);
  leaf.signature = reader.read_vector();
  return leaf;
}

/// `struct { version; wire_format; KeyPackage }` against `struct { version; cipher_suite;
/// init_key... }`: both begin alike when the suite is 5, but a KeyPackage's version follows as 00
/// 01, and an init key is never empty.
bool is_mls_message(Bytes bytes) {
  TlsReader reader(bytes);
  const bool versions_match = reader.read_u16() == mls10;
  const std::uint16_t wire_format = reader.read_u16();
  const bool format_known = wire_format >= 1 && wire_format <= wire_format_key_package;
  return versions_match && format_known && !reader.at_end() && reader.rest()[0] == 0;
}

std::expected<KeyPackage, KeyPackageError> parse_bare(Bytes bytes) {
  TlsReader reader(bytes);
  const std::uint16_t version = reader.read_u16();
  if (reader.ok() && version != mls10) {
    return std::unexpected(KeyPackageError::unsupported_version);
  }
  KeyPackage package;
  package.cipher_suite = CipherSuite{reader.read_u16()};
  package.init_key = read_key(reader);
  auto leaf = read_leaf_node(reader);
  if (!leaf) return std::unexpected(leaf.error());
  package.leaf = std::move(*leaf);
  package.extensions = read_extensions(reader);
  package.to_be_signed = parsed_part(bytes, reader);
  package.signature = reader.read_vector();
  if (!reader.ok()) return std::unexpected(KeyPackageError::malformed);
  if (!reader.at_end()) return std::unexpected(KeyPackageError::trailing_bytes);
  package.encoded = bytes;
  return package;
}

}  // namespace

std::expected<KeyPackage, KeyPackageError> parse_key_package(Bytes bytes) {
  if (!is_mls_message(bytes)) return parse_bare(bytes);
  if (bytes[3] != wire_format_key_package) return std::unexpected(KeyPackageError::other_message);
  return parse_bare(bytes.subspan(4));
}

bool KeyPackage::is_last_resort() const {
  return std::ranges::find(extensions, last_resort_extension, &Extension::type) != extensions.end();
}

std::optional<std::vector<std::uint8_t>> KeyPackage::reference() const {
  return ref_hash(cipher_suite, "MLS 1.0 KeyPackage Reference", encoded);
}

Verification KeyPackage::verify_leaf_signature() const {
  return verify_with_label(cipher_suite, leaf.signature_key, "LeafNodeTBS", leaf.to_be_signed,
                           leaf.signature);
}

Verification KeyPackage::verify_package_signature() const {
  return verify_with_label(cipher_suite, leaf.signature_key, "KeyPackageTBS", to_be_signed,
                           signature);
}

Verification KeyPackage::verify_signatures() const {
  const Verification leaf_signature = verify_leaf_signature();
  return leaf_signature == Verification::valid ? verify_package_signature() : leaf_signature;
}

std::string_view describe(KeyPackageError error) {
  switch (error) {
    case KeyPackageError::malformed:
      return "not a well-formed KeyPackage (RFC 9420)";
    case KeyPackageError::trailing_bytes:
      return "bytes follow the KeyPackage";
    case KeyPackageError::unsupported_version:
      return "MLS version is not 1.0";
    case KeyPackageError::other_message:
      return "an MLSMessage that holds no KeyPackage";
    case KeyPackageError::wrong_leaf_node_source:
      return "leaf_node_source of the KeyPackage is not key_package";
  }
  return "";
}

}  // namespace mls
