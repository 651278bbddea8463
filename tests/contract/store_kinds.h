#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace test {

/// A store to test, and whatever must live as long as it does (its folder, its server).
struct OpenStore {
  std::shared_ptr<void> home;
  std::unique_ptr<store::Store> store;  // goes before its home
};

/// A kind of store in the contract suite: a name, and how to open an empty one.
struct StoreKind {
  std::string name;
  std::function<OpenStore()> open;
};

/// Every store there is; a new one joins the suite with one line here.
const std::vector<StoreKind>& store_kinds();

}  // namespace test
