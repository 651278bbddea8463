#include "fake_firestore/targets.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fake_firestore {

using Change = v1::TargetChange;

Result<Targets::Target> Targets::parse(const v1::Target& wanted) {
  Target target;
  if (wanted.has_documents()) {
    const auto& names = wanted.documents().documents();
    target.documents = {names.begin(), names.end()};
    return target;
  }
  auto query = Query::make(wanted.query().parent(), wanted.query().structured_query());
  if (!query) return std::unexpected(query.error());
  target.query = *std::move(query);
  return target;
}

bool Targets::includes(const Target& target, const Document& document) {
  if (!document) return false;
  return target.query ? target.query->matches(*document)
                      : target.documents.contains(document->name());
}

Targets::Steps Targets::whole(const Target& target) const {
  Steps steps;
  for (const std::string& name : target.documents)
    steps[name] = documents_.find(name, documents_.newest());
  if (target.query)
    for (const Document& found : target.query->run(documents_, documents_.newest()))
      steps[found->name()] = found;
  return steps;
}

Targets::Steps Targets::window_changes(const Query& query, Micros from) const {
  Steps before;
  for (const Document& found : query.run(documents_, from)) before[found->name()] = found;
  Steps steps;
  for (const Document& found : query.run(documents_, documents_.newest())) {
    const auto known = before.extract(found->name());
    if (known.empty() || known.mapped() != found) steps[found->name()] = found;
  }
  for (const auto& [name, gone] : before) steps[name] = nullptr;
  return steps;
}

Targets::Steps Targets::changes(const Target& target, Micros from) const {
  if (target.query && target.query->has_window()) return window_changes(*target.query, from);
  Steps steps;
  for (const std::string& name : documents_.changed(from, documents_.newest())) {
    const Document before = documents_.find(name, from);
    const Document after = documents_.find(name, documents_.newest());
    if (includes(target, after)) {
      if (after != before) steps[name] = after;
    } else if (includes(target, before)) {
      steps[name] = nullptr;
    }
  }
  return steps;
}

v1::ListenResponse Targets::target_message(Change::TargetChangeType type,
                                           std::optional<int> id) const {
  v1::ListenResponse response;
  auto& change = *response.mutable_target_change();
  change.set_target_change_type(type);
  if (id) change.add_target_ids(*id);
  return response;
}

v1::ListenResponse Targets::snapshot_message(Change::TargetChangeType type,
                                             std::optional<int> id) const {
  v1::ListenResponse response = target_message(type, id);
  auto& change = *response.mutable_target_change();
  change.set_resume_token(tokens_.of(told_));
  *change.mutable_read_time() = timestamp_of(told_);
  return response;
}

v1::ListenResponse Targets::document_message(const std::string& name,
                                             const std::map<int, Document>& by_target) const {
  const auto fill = [&](auto& message) {
    for (const auto& [id, document] : by_target)
      if (!document) message.add_removed_target_ids(id);
  };
  const auto gone = [&](auto& message) {
    message.set_document(name);
    *message.mutable_read_time() = timestamp_of(told_);
    fill(message);
  };
  v1::ListenResponse response;
  const Document now = documents_.find(name, told_);
  const bool seen =
      std::ranges::any_of(by_target, [](const auto& one) { return one.second != nullptr; });
  if (!now) {
    gone(*response.mutable_document_delete());
  } else if (!seen) {
    gone(*response.mutable_document_remove());
  } else {
    auto& change = *response.mutable_document_change();
    *change.mutable_document() = *now;
    for (const auto& [id, document] : by_target)
      if (document) change.add_target_ids(id);
    fill(change);
  }
  return response;
}

void Targets::tell(const std::map<int, Steps>& steps, Responses& out) const {
  std::map<std::string, std::map<int, Document>> by_name;
  for (const auto& [id, of_target] : steps)
    for (const auto& [name, document] : of_target) by_name[name][id] = document;
  for (const auto& [name, by_target] : by_name) {
    out.push_back(document_message(name, by_target));
    // A deletion costs no read; a document that leaves a result by a change does.
    if (!out.back().has_document_delete())
      counts_.reads += static_cast<std::int64_t>(by_target.size());
  }
}

Responses Targets::catch_up() {
  const Micros from = std::exchange(told_, documents_.newest());
  Responses out;
  if (from == told_ || targets_.empty()) return out;
  if (from < documents_.oldest()) return reset();
  std::map<int, Steps> steps;
  for (const auto& [id, target] : targets_) steps[id] = changes(target, from);
  tell(steps, out);
  if (!out.empty()) out.push_back(snapshot_message(Change::NO_CHANGE, std::nullopt));
  return out;
}

Responses Targets::reset() {
  told_ = documents_.newest();
  Responses out;
  std::map<int, Steps> steps;
  for (const auto& [id, target] : targets_) {
    out.push_back(target_message(Change::RESET, id));
    steps[id] = whole(target);
  }
  tell(steps, out);
  for (const auto& [id, target] : targets_) out.push_back(snapshot_message(Change::CURRENT, id));
  if (!out.empty()) out.push_back(snapshot_message(Change::NO_CHANGE, std::nullopt));
  return out;
}

Responses Targets::heartbeat() {
  Responses out = catch_up();
  if (out.empty()) out.push_back(snapshot_message(Change::NO_CHANGE, std::nullopt));
  return out;
}

Result<std::optional<Micros>> Targets::resumed_from(const v1::Target& wanted) const {
  if (wanted.has_read_time()) return micros_of(wanted.read_time());
  if (wanted.resume_token().empty()) return std::nullopt;
  return tokens_.time_of(wanted.resume_token());
}

Result<Responses> Targets::add(const v1::Target& wanted) {
  const int id = wanted.target_id();
  auto target = parse(wanted);
  if (!target) return std::unexpected(target.error());
  const auto from = resumed_from(wanted);
  if (!from) return std::unexpected(from.error());
  if (id <= 0 || targets_.contains(id)) return invalid("the target's id is taken or not positive");
  const bool resumed = *from && **from >= documents_.oldest();

  Responses out{target_message(Change::ADD, id)};
  if (!resumed && !wanted.resume_token().empty()) out.push_back(target_message(Change::RESET, id));
  tell({{id, resumed ? changes(*target, **from) : whole(*target)}}, out);
  out.push_back(snapshot_message(Change::CURRENT, id));
  if (wanted.once()) {
    out.push_back(target_message(Change::REMOVE, id));
  } else {
    targets_.emplace(id, *std::move(target));
  }
  out.push_back(snapshot_message(Change::NO_CHANGE, std::nullopt));
  return out;
}

Result<Responses> Targets::request(const v1::ListenRequest& wanted) {
  Responses out = catch_up();
  if (wanted.has_remove_target()) {
    targets_.erase(wanted.remove_target());
    out.push_back(target_message(Change::REMOVE, wanted.remove_target()));
    return out;
  }
  if (!wanted.has_add_target()) return invalid("a Listen request adds a target or removes one");
  auto added = add(wanted.add_target());
  if (!added) return added;
  std::ranges::move(*added, std::back_inserter(out));
  return out;
}

}  // namespace fake_firestore
