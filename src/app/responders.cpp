#include "dialogue/responders.hpp"

#include "app/worker.hpp"

namespace trunkline::app {

std::unique_ptr<dialogue::Responder> make_responder(Installation& installation, net::Client& client) {
  const Settings& settings = installation.settings;
  const dialogue::ModelSettings models{
      .endpoint = {.base_url = settings.text("openai_base_url"),
                   .api_key = Secret(settings.text("openai_api_key")),
                   .organisation = settings.text("openai_organisation"),
                   .project = settings.text("openai_project")},
      .model = settings.text("model"),
      .second_model = settings.text("second_model"),
      .max_tokens_field = settings.text("model_max_tokens_field"),
  };
  return dialogue::make_responder(models, client, installation.clock, installation.random);
}

}  // namespace trunkline::app
