#include "fake_firestore/writes.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <utility>

#include "fake_firestore/fields.h"
#include "fake_firestore/names.h"
#include "fake_firestore/transforms.h"

namespace fake_firestore {

namespace {

constexpr std::size_t max_document_bytes = 1'048'576;
constexpr std::size_t max_value_bytes = 1'048'487;

std::unexpected<Failure> failed(Code code, std::string message) {
  return std::unexpected(Failure{code, std::move(message)});
}

Result<void> check(const v1::Precondition& wanted, const Document& before,
                   const std::string& name) {
  if (wanted.has_exists() && wanted.exists() && !before)
    return failed(Code::not_found, fmt::format("No document to update: {}", name));
  if (wanted.has_exists() && !wanted.exists() && before)
    return failed(Code::already_exists, fmt::format("Document already exists: {}", name));
  const bool other_version =
      wanted.has_update_time() &&
      (!before || micros_of(before->update_time()) != micros_of(wanted.update_time()));
  if (other_version)
    return failed(Code::failed_precondition,
                  "the stored version does not match the required base version");
  return {};
}

/// Without a mask all fields are replaced; with one, those that it names: removed if the write has
/// none of that name.
Result<void> set_fields(const v1::Write& write, Fields& fields) {
  if (write.has_update() && !write.has_update_mask()) fields = write.update().fields();
  for (const std::string& text : write.update_mask().field_paths()) {
    const auto path = parse_path(text);
    if (!path) return invalid("a mask with an invalid path");
    if (const v1::Value* value = find(write.update().fields(), *path)) {
      put(fields, *path, *value);
    } else {
      erase(fields, *path);
    }
  }
  return {};
}

const auto& transforms_of(const v1::Write& write) {
  return write.has_transform() ? write.transform().field_transforms() : write.update_transforms();
}

Result<void> check_size(const v1::Document& document) {
  if (longest_value(document.fields()) > max_value_bytes)
    return invalid("a value is longer than 1,048,487 bytes");
  if (stored_size(document) > max_document_bytes)
    return invalid("the document exceeds the maximum size of 1,048,576 bytes");
  return {};
}

bool same_fields(const v1::Document& left, v1::Document right) {
  *right.mutable_update_time() = left.update_time();
  return google::protobuf::util::MessageDifferencer::Equals(left, right);
}

}  // namespace

const std::string& target_of(const v1::Write& write) {
  if (write.has_delete_()) return write.delete_();
  return write.has_transform() ? write.transform().document() : write.update().name();
}

Document Pending::find(std::string_view name) const {
  const auto found = changes_.find(name);
  return found != changes_.end() ? found->second : documents_.find(name, now_);
}

Result<v1::WriteResult> Pending::apply(const v1::Write& write) {
  const std::string& name = target_of(write);
  if (auto valid = check_name(name); !valid) return std::unexpected(valid.error());
  const Document before = find(name);
  if (auto met = check(write.current_document(), before, name); !met)
    return std::unexpected(met.error());
  if (!write.has_delete_()) return replace(write, before);
  if (before) changes_[name] = nullptr;
  return v1::WriteResult();
}

Result<v1::WriteResult> Pending::replace(const v1::Write& write, const Document& before) {
  v1::WriteResult result;
  auto after = before ? std::make_shared<v1::Document>(*before) : std::make_shared<v1::Document>();
  after->set_name(target_of(write));
  if (auto done = set_fields(write, *after->mutable_fields()); !done)
    return std::unexpected(done.error());
  for (const auto& wanted : transforms_of(write)) {
    auto told = transform(wanted, now_, *after->mutable_fields());
    if (!told) return std::unexpected(told.error());
    *result.add_transform_results() = *std::move(told);
  }
  if (auto valid = check_size(*after); !valid) return std::unexpected(valid.error());
  *result.mutable_update_time() = before ? before->update_time() : timestamp_of(now_);
  if (before && same_fields(*before, *after)) return result;
  *result.mutable_update_time() = timestamp_of(now_);
  *after->mutable_update_time() = timestamp_of(now_);
  if (!before) *after->mutable_create_time() = timestamp_of(now_);
  changes_[after->name()] = std::move(after);
  return result;
}

}  // namespace fake_firestore
