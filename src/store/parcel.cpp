#include "store/parcel.h"

#include <algorithm>

namespace store {

std::optional<StoreError> refusal_of(const Parcel& parcel, Seq last, bool unfinished) {
  using enum StoreError::Code;
  if (parcel.first && last != 0)
    return StoreError{unavailable, "it is not empty: a copy goes into a store without any commit"};
  if (!parcel.first && !unfinished)
    return StoreError{unavailable, "this part of a copy does not follow on what is there"};
  return std::nullopt;
}

Seq number_with(const Parcel& parcel, Seq last) {
  return parcel.next ? std::max(last, parcel.last) + 1 : parcel.last;
}

}  // namespace store
