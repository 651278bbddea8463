#pragma once
#include "fake_firestore/documents.h"
#include "fake_firestore/failure.h"
#include "fake_firestore/fields.h"
#include "google/firestore/v1/write.pb.h"

namespace fake_firestore {

/// Changes one field and returns what Firestore tells of it: the new value, null for arrays. `now`:
/// of the request, for REQUEST_TIME, which has milliseconds. Pure.
[[nodiscard]] Result<v1::Value> transform(const v1::DocumentTransform_FieldTransform& wanted,
                                          Micros now, Fields& fields);

}  // namespace fake_firestore
