#include "db/statement.hpp"

namespace trunkline::db {
namespace {

// Function-local, since statements are made while the program's other constants are.
struct Registry {
  const Statement* first = nullptr;
  std::size_t count = 0;
};

Registry& registry() {
  static Registry all;
  return all;
}

}  // namespace

Statement::Statement(std::string_view name, std::string_view sql, Reach reach)
    : name_(name), sql_(sql), reach_(reach), number_(registry().count++), next_(registry().first) {
  registry().first = this;
}

const Statement* Statement::first() {
  return registry().first;
}
std::size_t Statement::count() {
  return registry().count;
}

}  // namespace trunkline::db
