#include "store/lmdb/row_scan.h"

#include <algorithm>

namespace store::lmdb {

RowPage scan_rows(Txn& txn, const Databases& databases, std::string_view prefix,
                  const std::optional<std::string>& after, std::size_t max) {
  RowPage page;
  page.snapshot = last_seq(txn, databases);
  const bool resumes = after && *after >= prefix;
  Cursor cursor(txn, databases.rows);
  for (bool more = cursor.seek(resumes ? *after : prefix); more && cursor.key().starts_with(prefix);
       more = cursor.next()) {
    if (resumes && cursor.key() <= *after) continue;
    if (page.rows.size() == std::max<std::size_t>(1, max)) {
      page.next = page.rows.back().key;
      break;
    }
    page.rows.push_back({std::string(cursor.key()), std::string(cursor.value())});
  }
  return page;
}

}  // namespace store::lmdb
