// Tools, usage, keys, the subscription, logging in: contracts/voice-api.md, sections 4, 5 and 7.
#include "support.hpp"

namespace {

using loopback::Reply;
using loopback::Server;

Reply json(const Json& body, int status = 200) {
  return {.status = status, .body = body.dump()};
}

voice::PartnerClient partner_of(const Server& server) {
  return voice::PartnerClient("user-token", {.base_url = server.url()});
}

TEST_SUITE("sdk account") {
  TEST_CASE("register_tool wraps the definition as the published clients do, and reads the stored tool") {
    const Server server(json({{"id", "tool_1"},
                              {"name", "stock"},
                              {"description", "d"},
                              {"input_schema", {{"type", "object"}}},
                              {"output_schema", Json::object()},
                              {"timeout_ms", 5000},
                              {"created_at", "2026-03-02T09:00:00Z"}},
                             201));
    const voice::Tool tool = voice::Client(options_for(server))
                                 .register_tool({.name = "stock",
                                                 .description = "d",
                                                 .input_schema = {{"type", "object"}},
                                                 .timeout = seconds(5)});
    CHECK(tool.id == "tool_1");
    CHECK(tool.definition.timeout == seconds(5));
    CHECK(tool.definition.input_schema == Json{{"type", "object"}});
    CHECK(tool.created_at);
    const auto request = server.requests().at(0);
    CHECK(request.target == "/api/b2b/v1/tools");
    CHECK(request.json() == Json{{"tool",
                                  {{"name", "stock"},
                                   {"description", "d"},
                                   {"input_schema", {{"type", "object"}}},
                                   {"output_schema", Json::object()},
                                   {"timeout_ms", 5000}}}});
  }

  TEST_CASE("list_tools reads a bare array, and an envelope too") {
    const Json tools = Json::array({{{"id", "tool_1"}, {"name", "a"}}, {{"id", "tool_2"}, {"name", "b"}}});
    for (const Json& body : {tools, Json{{"items", tools}}}) {
      const Server server(json(body));
      const auto listed = voice::Client(options_for(server)).list_tools();
      REQUIRE(listed.size() == 2);
      CHECK(listed[1].definition.name == "b");
    }
  }

  TEST_CASE("delete_tool reads what was deleted; an unknown tool is the base error") {
    const Server server(
        {json({{"id", "tool_1"}, {"status", "deleted"}, {"success", true}}), Reply{.status = 404}});
    const voice::Client client(options_for(server));
    CHECK(client.delete_tool("tool_1").status == "deleted");
    CHECK(server.requests().at(0).method == "DELETE");
    CHECK(server.requests().at(0).target == "/api/b2b/v1/tools/tool_1");
    CHECK(failure_of(client.results().delete_tool("tool_2")).kind == voice::FailureKind::other);
  }

  TEST_CASE("get_usage reads counts, limits and their absence") {
    const Server server({json({{"partner_id", "prt_5"},
                               {"period", "2026-03"},
                               {"call_count", 12},
                               {"api_minutes", 31.0},
                               {"quota", {{"partner_limit", nullptr}, {"project_limit", 100}}}}),
                         json({{"period", "2026-03"}})});
    const voice::Client client(options_for(server));
    const voice::Usage usage = client.get_usage("2026-03");
    CHECK(usage.partner_id == "prt_5");
    CHECK(usage.call_count == 12);
    CHECK(usage.api_minutes == 31);
    CHECK_FALSE(usage.quota.partner_limit);
    CHECK(usage.quota.project_limit == 100);
    CHECK(server.requests().at(0).target == "/api/b2b/v1/usage?period=2026-03");
    CHECK(client.get_usage().api_minutes == 0);
    CHECK(server.requests().at(1).target == "/api/b2b/v1/usage");
  }

  TEST_CASE("keys are made, listed and revoked with the user's token") {
    const Json key{{"id", "key_1"}, {"key_prefix", "pk_live_"}, {"project_id", nullptr}};
    Json made = key;
    made["api_key"] = "pk_live_EXAMPLEONLY";
    Json revoked = key;
    revoked["revoked_at"] = "2026-03-02T09:00:00Z";
    const Server server({json(made, 201), json(Json::array({key, revoked})), json(revoked)});
    const voice::PartnerClient partner = partner_of(server);
    CHECK(partner.create_api_key({.project_id = "prj_1", .name = "shop"}).api_key == "pk_live_EXAMPLEONLY");
    const auto keys = partner.list_api_keys();
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].api_key.empty());
    CHECK_FALSE(keys[0].revoked_at);
    CHECK(keys[1].revoked_at);
    CHECK(partner.revoke_api_key("key_1").revoked_at);
    const auto requests = server.requests();
    CHECK(requests.at(0).header("Authorization") == "Bearer user-token");
    CHECK(requests.at(0).json() ==
          Json{{"project_id", "prj_1"}, {"key_prefix", "pk_live_"}, {"name", "shop"}});
    CHECK(requests.at(1).target == "/api/b2b/v1/partner/api-keys");
    CHECK(requests.at(2).target == "/api/b2b/v1/partner/api-keys/key_1/revoke");
  }

  TEST_CASE("the subscription and its pages") {
    const Server server({json({{"status", "past_due"}, {"grace_period_ends_at", "2026-03-09T00:00:00Z"}}),
                         json({{"url", "https://pay/checkout"}}), json({{"url", "https://pay/portal"}})});
    const voice::PartnerClient partner = partner_of(server);
    const voice::Subscription subscription = partner.get_subscription();
    CHECK(subscription.status == "past_due");
    CHECK(subscription.grace_period_ends_at);
    CHECK_FALSE(subscription.current_period_end);
    CHECK(partner.checkout().url == "https://pay/checkout");
    CHECK(partner.portal().url == "https://pay/portal");
    CHECK(server.requests().at(1).target == "/api/b2b/v1/partner/subscription/checkout");
    CHECK(server.requests().at(2).target == "/api/b2b/v1/partner/subscription/portal");
  }

  TEST_CASE("logging in needs no key, and a problem document is read") {
    const Server server(
        {json({{"token", "t"},
               {"expires_at", "2026-03-03T09:00:00Z"},
               {"user_id", "usr_1"},
               {"account_id", "prt_1"}},
              201),
         json({{"type", "x"}, {"title", "Unauthorized"}, {"detail", "The password is wrong."}}, 401)});
    const voice::ClientOptions options{.base_url = server.url()};
    const voice::Session session = voice::log_in("ann@example.com", "secret", options);
    CHECK(session.token == "t");
    CHECK(session.account_id == "prt_1");
    CHECK(server.requests().at(0).header("Authorization").empty());
    CHECK(server.requests().at(0).json() == Json{{"email", "ann@example.com"}, {"password", "secret"}});
    const auto failure = failure_of(voice::try_log_in("ann@example.com", "wrong", options));
    CHECK(failure.kind == voice::FailureKind::authentication);
    CHECK(failure.message == "The password is wrong.");
  }
}

}  // namespace
