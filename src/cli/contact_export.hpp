// Writes what is known of customers: each with its actions and calls, as JSON Lines, or customers alone as
// CSV.
#pragma once

#include "app/domain.hpp"

namespace trunkline::cli {

struct ExportCounts {
  std::int64_t customers = 0;
  std::int64_t actions = 0;
  std::int64_t calls = 0;
};

class ContactExport {
 public:
  using Write = std::function<void(std::string_view)>;
  ContactExport(app::Domain& domain, db::Database& database, Write write)
      : domain_(domain), database_(database), write_(std::move(write)) {}

  std::function<void(std::int64_t customers)> on_progress;

  // All customers, or the one.
  Result<ExportCounts> write_jsonl(const tenancy::TenantScope& scope,
                                   const std::optional<std::string>& customer);
  Result<ExportCounts> write_csv(const tenancy::TenantScope& scope);

 private:
  Result<void> each_customer(const tenancy::TenantScope& scope,
                             const std::function<Result<void>(const engagement::Contact&)>& visit);
  Result<void> write_customer(const tenancy::TenantScope& scope, const engagement::Contact& contact);
  Result<void> write_call(const tenancy::TenantScope& scope, const engagement::Contact& contact,
                          const engagement::TimelineEntry& entry);
  void line(json::Object body);

  app::Domain& domain_;
  db::Database& database_;
  Write write_;
  ExportCounts counts_;
};

}  // namespace trunkline::cli
