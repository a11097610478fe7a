#include "warehouse/sync/reports.hpp"

#include <algorithm>

namespace trunkline::warehouse::sync {
namespace {

json::Value time_or_null(const std::optional<Instant>& instant) {
  return instant ? json::Value(format_rfc3339(*instant)) : json::Value();
}
json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value() : json::Value(text);
}

json::Value to_json(const FeedCoverage& proof) {
  json::Array holes;
  for (const Window& hole : proof.holes)
    holes.push_back(json::object({{"from", format_rfc3339(hole.begin)}, {"to", format_rfc3339(hole.end)}}));
  const bool has_range = proof.range.begin < proof.range.end;
  return json::object({{"provider", proof.provider},
                       {"account", proof.account},
                       {"feed", proof.feed},
                       {"kind", "windows"},
                       {"from", time_or_null(has_range ? std::optional(proof.range.begin) : std::nullopt)},
                       {"to", time_or_null(has_range ? std::optional(proof.range.end) : std::nullopt)},
                       {"windows", proof.windows},
                       {"holes", std::move(holes)}});
}

json::Value to_json(const ListingProof& proof) {
  const auto& whole = proof.whole;
  return json::object(
      {{"provider", proof.provider},
       {"account", proof.account},
       {"feed", proof.feed},
       {"kind", "list"},
       {"asked_at", time_or_null(proof.last ? std::optional(proof.last->window.begin) : std::nullopt)},
       {"whole_at", time_or_null(whole ? std::optional(whole->window.begin) : std::nullopt)},
       {"records", whole ? json::Value(whole->rows) : json::Value()},
       {"total_said", whole && whole->total_said ? json::Value(*whole->total_said) : json::Value()},
       {"end_said", text_or_null(whole ? whole->end_said : "")},
       {"is_proven", proof.is_proven()},
       {"problem", text_or_null(proof.last ? proof.last->problem : "")}});
}

}  // namespace

bool CoverageReport::is_whole() const {
  return std::ranges::all_of(windows, [](const FeedCoverage& proof) { return proof.holes.empty(); }) &&
         std::ranges::all_of(listings,
                             [](const ListingProof& proof) { return !proof.last || proof.is_proven(); });
}

Result<CoverageReport> coverage_report(db::Database& database, const std::vector<Provider*>& providers,
                                       std::optional<Instant> from, std::optional<Instant> until) {
  CoverageReport report;
  for (const Provider* provider : providers) {
    for (const Feed& feed : provider->feeds()) {
      if (feed.scope == FeedScope::window) {
        auto proof = coverage_of(database, *provider, feed, from, until);
        if (!proof) return fail(proof.error());
        report.windows.push_back(std::move(*proof));
      } else if (feed.scope == FeedScope::listing) {
        auto proof = listing_of(database, *provider, feed);
        if (!proof) return fail(proof.error());
        report.listings.push_back(std::move(*proof));
      }
    }
  }
  return report;
}

json::Value to_json(const CoverageReport& report) {
  json::Array values;
  for (const FeedCoverage& proof : report.windows) values.push_back(to_json(proof));
  for (const ListingProof& proof : report.listings) values.push_back(to_json(proof));
  return values;
}

}  // namespace trunkline::warehouse::sync
