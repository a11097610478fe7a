#include "dialogue/responders.hpp"

namespace trunkline::dialogue {

std::unique_ptr<Responder> make_responder(const ModelSettings& settings, net::Client& client,
                                          const Clock& clock, Random& random) {
  // Without a key the vendor's own server answers nobody.
  const bool is_reachable =
      !settings.endpoint.api_key.empty() || settings.endpoint.base_url != ChatEndpoint().base_url;
  std::vector<NamedResponder> models;
  for (const std::string& model : {settings.model, settings.second_model}) {
    if (model.empty() || !is_reachable) continue;
    OpenAiOptions options{.endpoint = settings.endpoint,
                          .settings = {.model = model, .max_tokens_field = settings.max_tokens_field},
                          .budgets = settings.budgets};
    models.push_back({model, std::make_unique<OpenAiResponder>(client, clock, random, std::move(options))});
  }
  return std::make_unique<FallbackChain>(std::move(models), clock);
}

}  // namespace trunkline::dialogue
