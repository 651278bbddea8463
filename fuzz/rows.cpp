// The gateway's rows: any bytes are read or refused, and what was written is read as it was.
#include "extensions/mls_gateway/rows.h"

#include <fuzzer/FuzzedDataProvider.h>

#include "check.h"

using namespace extensions::mls_gateway;

namespace {

/// What is read and written again is read as the same.
template <typename Decode>
void check_bytes(std::string_view bytes, Decode decode) {
  const auto value = decode(bytes);
  if (!value) return;
  const std::string written = encode(*value);
  const auto again = decode(written);
  check(again && encode(*again) == written, "what is read can be written and read");
}

template <typename Value, typename Decode>
void check_value(const Value& value, Decode decode) {
  const std::string written = encode(value);
  const auto read = decode(written);
  check(read && encode(*read) == written, "what was written is read");
}

base::Bytes32 pick_bytes32(FuzzedDataProvider& bytes) {
  base::Bytes32 value;
  bytes.ConsumeData(value.bytes.data(), value.bytes.size());
  return value;
}

Group pick_group(FuzzedDataProvider& bytes) {
  Group group;
  group.mode = bytes.ConsumeBool() ? GroupMode::gated : GroupMode::capability;
  if (bytes.ConsumeBool()) group.founder = pick_bytes32(bytes);
  group.created_at = bytes.ConsumeIntegral<base::UnixSeconds>();
  group.last_activity = bytes.ConsumeIntegral<base::UnixSeconds>();
  group.last_epoch = bytes.ConsumeIntegral<std::uint64_t>();
  group.member_count = bytes.ConsumeIntegral<std::uint32_t>();
  group.admin_count = bytes.ConsumeIntegral<std::uint32_t>();
  group.roster_seq = bytes.ConsumeIntegral<std::uint64_t>();
  group.roster_event = pick_bytes32(bytes);
  group.display_name = bytes.ConsumeRandomLengthString(max_display_name_bytes);
  return group;
}

void check_group(const Group& group) {
  const auto read = decode_group(encode(group));
  check(read && read->mode == group.mode && read->founder == group.founder &&
            read->created_at == group.created_at && read->last_activity == group.last_activity &&
            read->last_epoch == group.last_epoch && read->member_count == group.member_count &&
            read->admin_count == group.admin_count && read->roster_seq == group.roster_seq &&
            read->roster_event == group.roster_event && read->display_name == group.display_name,
        "a group is read as it was written");
}

Pool pick_pool(FuzzedDataProvider& bytes) {
  Pool pool;
  for (auto left = bytes.ConsumeIntegralInRange(0, 3); left > 0; --left) {
    pool.push_back({pick_bytes32(bytes), bytes.ConsumeIntegral<base::UnixSeconds>(),
                    bytes.ConsumeIntegral<std::uint64_t>(),
                    bytes.ConsumeBool() ? PooledPackage::owned : PooledPackage::reusable,
                    bytes.ConsumeBool()});
  }
  return pool;
}

void check_keys(FuzzedDataProvider& bytes) {
  const auto key = pick_bytes32(bytes);
  const std::string a = bytes.ConsumeRandomLengthString(max_group_id_bytes);
  const std::string b = bytes.ConsumeRandomLengthString(max_group_id_bytes);
  check(parse_member_key(member_key(a, key), a) == key, "a member's row names the member");
  check(member_key(a, key).starts_with(member_prefix(b)) == (a == b),
        "a group's members are not another's");
  const std::string membership = membership_key(key, a);
  const auto parsed = parse_membership_key(membership);
  check(parsed && parsed->first == key && parsed->second == a, "a membership names both ends");
  check(membership.starts_with(membership_prefix(key)), "a membership is below its member");
  const std::string upgrade = upgrade_key(a);
  check(parse_upgrade_key(upgrade) == a, "an upgrade names its group");
  check(!parse_membership_key(upgrade) && !parse_upgrade_key(membership), "rows keep their kind");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_bytes(text, decode_group);
  check_bytes(text, decode_key_package);
  check_bytes(text, decode_role);
  check_bytes(text, decode_pool);
  check_bytes(text, decode_hand_outs);
  (void)parse_upgrade_key(text);
  (void)parse_membership_key(text);
  (void)parse_member_key(text, "group");

  FuzzedDataProvider bytes(data, size);
  check_group(pick_group(bytes));
  check_value(pick_pool(bytes), decode_pool);
  check_value(KeyPackageRow{pick_bytes32(bytes), bytes.ConsumeIntegral<base::UnixSeconds>(),
                            bytes.ConsumeBool()},
              decode_key_package);
  check_keys(bytes);
  return 0;
}
