#include "db/group_writer.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/semaphore.hpp"

using namespace trunkline;
using runtime::EventLoop;
using runtime::Semaphore;

namespace {

struct Item {
  char name = ' ';
  bool committed = false;
};

AccountId account(std::uint8_t number) {
  Uuid::Bytes bytes{};
  bytes.back() = number;
  return AccountId(Uuid(bytes));
}

// A database that commits when it is told to, and writes down which items came together.
struct SlowDatabase {
  std::vector<std::string> groups;
  Semaphore may_commit{0};
  db::GroupWriter<Item> writer;

  explicit SlowDatabase(db::GroupLimits limits = {}) : writer(limits) {}

  Result<void> write(AccountId owner, Item& item) {
    return writer.write(owner, item, [this](AccountId, std::span<Item* const> items) { commit(items); });
  }
  void commit(std::span<Item* const> items) {
    std::string names;
    for (const Item* item : items) names += item->name;
    groups.push_back(names);
    may_commit.acquire();
    if (names.find('!') != std::string::npos) throw std::runtime_error("the commit failed");
    for (Item* item : items) item->committed = true;
  }
};

// Writes in fibers of their own, and what came of them.
struct Writes {
  SlowDatabase& database;
  std::string told = {};  // in the order in which they were told
  std::size_t started = 0;
  Semaphore done{0};

  void start(char name, AccountId owner = account(1), std::optional<Duration> deadline = {}) {
    ++started;
    EventLoop::current()->spawn("write", [this, name, owner, deadline] {
      std::optional<runtime::DeadlineScope> until;
      if (deadline) until.emplace(*deadline);
      Item item{.name = name};
      try {
        const auto written = database.write(owner, item);
        if (!written) {
          CHECK(written.error().code() == db::error_codes::unavailable);
          CHECK_FALSE(item.committed);
        }
        told += written ? std::string{name} : std::string("refused ") + name;
      } catch (const std::runtime_error&) {
        told += std::string("threw ") + name;
      }
      told += ' ';
      done.release();
    });
  }
  void settle() { runtime::sleep_for(milliseconds(2)); }
  void finish() {
    for (; started > 0; --started) done.acquire();
  }
};

void with_writes(db::GroupLimits limits, const std::function<void(SlowDatabase&, Writes&)>& body) {
  runtime::run_to_completion([&] {
    SlowDatabase database(limits);
    Writes writes{.database = database};
    body(database, writes);
    writes.finish();
  });
}

}  // namespace

TEST_SUITE("groups of writes") {
  TEST_CASE("what comes while a group is committed makes up the next; nobody is told before the commit") {
    with_writes({}, [](SlowDatabase& database, Writes& writes) {
      writes.start('a');
      writes.settle();
      for (const char name : {'b', 'c', 'd'}) writes.start(name);
      writes.settle();
      CHECK(database.groups == std::vector<std::string>{"a"});
      CHECK(writes.told.empty());
      database.may_commit.release();
      writes.settle();
      CHECK(database.groups == std::vector<std::string>{"a", "bcd"});
      CHECK(writes.told == "a ");
      database.may_commit.release();
      writes.finish();
      CHECK(writes.told == "a b c d ");
      writes.start('e');
      database.may_commit.release();
      writes.finish();
      CHECK(database.groups.back() == "e");
    });
  }

  TEST_CASE("a group has at most so many, and the rest follow in their order") {
    with_writes({.group_max = 2}, [](SlowDatabase& database, Writes& writes) {
      for (const char name : {'a', 'b', 'c', 'd', 'e'}) writes.start(name);
      for (int i = 0; i < 3; ++i) database.may_commit.release();
      writes.finish();
      CHECK(database.groups == std::vector<std::string>{"ab", "cd", "e"});
    });
  }

  TEST_CASE("accounts are never in one group, and do not wait for each other") {
    with_writes({}, [](SlowDatabase& database, Writes& writes) {
      writes.start('a', account(1));
      writes.start('x', account(2));
      writes.settle();
      writes.start('b', account(1));
      writes.settle();
      CHECK(database.groups == std::vector<std::string>{"a", "x"});
      for (int i = 0; i < 3; ++i) database.may_commit.release();
      writes.finish();
      CHECK(database.groups == std::vector<std::string>{"a", "x", "b"});
    });
  }

  TEST_CASE("when too many wait new ones are refused, and room comes back") {
    with_writes({.group_max = 1, .waiting_max = 2}, [](SlowDatabase& database, Writes& writes) {
      writes.start('a', account(1));
      writes.start('b', account(2));
      writes.start('c', account(3));
      writes.settle();
      CHECK(writes.told == "refused c ");
      database.may_commit.release();
      writes.settle();
      writes.start('d', account(3));
      writes.settle();
      CHECK(database.groups.back() == "d");
      for (int i = 0; i < 2; ++i) database.may_commit.release();
      writes.finish();
    });
  }

  TEST_CASE("whose time ran out while it waited is not handed on; the others are") {
    with_writes({}, [](SlowDatabase& database, Writes& writes) {
      writes.start('a');
      writes.settle();
      writes.start('b', account(1), milliseconds(5));
      writes.start('c');
      runtime::sleep_for(milliseconds(20));
      for (int i = 0; i < 2; ++i) database.may_commit.release();
      writes.finish();
      CHECK(database.groups == std::vector<std::string>{"a", "c"});
      CHECK(writes.told.find("refused b") != std::string::npos);
    });
  }

  TEST_CASE("a commit goes on for as long as anybody of the group waits") {
    runtime::run_to_completion([] {
      runtime::SteadyTime seen{};
      db::GroupWriter<Item> writer;
      const runtime::DeadlineScope until(seconds(5));
      Item item;
      CHECK(writer.write(account(1), item,
                         [&](AccountId, std::span<Item* const>) { seen = runtime::current_deadline(); }));
      CHECK(seen != runtime::SteadyTime::max());
      CHECK(seen >= runtime::current_deadline());
      CHECK(seen < runtime::current_deadline() + seconds(1));
    });
  }

  TEST_CASE("what a commit throws reaches its whole group, and no other") {
    with_writes({}, [](SlowDatabase& database, Writes& writes) {
      writes.start('a');
      writes.settle();
      writes.start('!');
      writes.start('b');
      writes.settle();
      database.may_commit.release();
      writes.settle();
      writes.start('c');
      writes.settle();
      for (int i = 0; i < 2; ++i) database.may_commit.release();
      writes.finish();
      CHECK(database.groups == std::vector<std::string>{"a", "!b", "c"});
      CHECK(writes.told == "a threw ! threw b c ");
    });
  }

  TEST_CASE("writes of several loops share groups, and each is told on its own loop") {
    constexpr int loops = 4;
    constexpr int writes = 500;
    db::GroupWriter<Item> writer;
    std::atomic<int> under_way{0};
    std::atomic<int> committed{0};
    std::atomic<int> groups{0};
    std::atomic<bool> wrong{false};
    const auto commit = [&](AccountId, std::span<Item* const> items) {
      if (++under_way != 1) wrong = true;
      ++groups;
      runtime::sleep_for(Duration(200));
      for (Item* item : items) item->committed = true;
      committed += static_cast<int>(items.size());
      --under_way;
    };
    std::vector<std::thread> threads;
    for (int each = 0; each < loops; ++each) {
      threads.emplace_back([&] {
        runtime::run_to_completion([&] {
          const auto here = std::this_thread::get_id();
          Semaphore done{0};
          for (int i = 0; i < writes; ++i) {
            EventLoop::current()->spawn("write", [&] {
              Item item;
              if (!writer.write(account(1), item, commit) || !item.committed) wrong = true;
              if (std::this_thread::get_id() != here) wrong = true;
              done.release();
            });
          }
          for (int i = 0; i < writes; ++i) done.acquire();
        });
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK_FALSE(wrong);
    CHECK(committed == loops * writes);
    CHECK(groups < loops * writes / 10);
  }

  TEST_CASE("the writer may go as soon as the last one is told") {
    runtime::run_to_completion([] {
      for (int i = 0; i < 100; ++i) {
        auto writer = std::make_unique<db::GroupWriter<Item>>();
        Item item;
        CHECK(writer->write(account(1), item, [](AccountId, std::span<Item* const> items) {
          items.front()->committed = true;
        }));
        CHECK(item.committed);
        writer.reset();
      }
    });
  }
}
