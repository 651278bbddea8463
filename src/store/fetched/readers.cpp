#include "store/fetched/readers.h"

#include "store/stored_json.h"

namespace store::fetched {

Readers::Reader::Reader() : parser(limits_of_stored_events()) {}

Readers::Lease Readers::lend() {
  std::unique_ptr<Reader> reader;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!reader) reader = std::make_unique<Reader>();
  return {reader.release(), GiveBack{this}};
}

void Readers::take_back(Reader* reader) {
  std::unique_ptr<Reader> owned(reader);
  const std::lock_guard lock(mutex_);
  constexpr std::size_t kept = 16;
  if (idle_.size() < kept) idle_.push_back(std::move(owned));
}

}  // namespace store::fetched
