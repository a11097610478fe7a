#include "fakes/retell/reference.hpp"

#include "base/json/parse.hpp"

namespace trunkline::fakes::retell {
namespace {

constexpr std::string_view agents_listed =
    R"([{"agent_id":"agent_7f3a9c2e1b4d5f60718293a4b5","agent_name":"Réception Sydney",
"channel":"voice","tags":{"prod":{"version":3,"dynamic_variables":{"greeting":"G’day"}},
"staging":{}},"user_modified_timestamp":1780135200000},{
"agent_id":"agent_1c2b3a4d5e6f70819293a4b5c6","agent_name":"Sales","channel":"voice","tags":{},
"user_modified_timestamp":1777629600000},{"agent_id":"agent_0a1b2c3d4e5f60718293a4b5c6",
"agent_name":"Hilfe-Assistent","channel":"chat","tags":{},
"user_modified_timestamp":1777629600000}])";

constexpr std::string_view agent_objects =
    R"([{"agent_id":"agent_7f3a9c2e1b4d5f60718293a4b5","version":3,"base_version":2,
"is_published":true,"version_title":"v3","version_description":null,"assigned_tags":["prod"],
"last_modification_timestamp":1780135200000,"agent_name":"Réception Sydney","response_engine":{
"type":"retell-llm","llm_id":"llm_234sdertfsdsfsdf","version":3},"voice_id":"11labs-Adrian",
"voice_model":"eleven_flash_v2_5","voice_emotion":null,"fallback_voice_ids":["openai-Alloy"],
"voice_temperature":1,"voice_speed":1,"volume":1,"enable_dynamic_voice_speed":false,
"enable_dynamic_responsiveness":false,"enable_expressive_mode":false,
"expressive_emotion_tags":["happy"],"expressive_mode_prompt":null,"responsiveness":1,
"interruption_sensitivity":1,"enable_backchannel":true,"backchannel_frequency":0.9,
"backchannel_words":["yeah","uh-huh"],"reminder_trigger_ms":10000,"reminder_max_count":2,
"ambient_sound":null,"ambient_sound_volume":1,"language":["en-AU","fr-FR"],
"webhook_url":"https://hooks.example.com/retell","webhook_events":["call_started","call_ended",
"call_analyzed"],"webhook_timeout_ms":10000,"boosted_keywords":["retell"],
"data_storage_setting":"everything","data_storage_retention_days":null,
"opt_in_signed_url":true,"signed_url_expiration_ms":86400000,"pronunciation_dictionary":[{
"word":"actually","alphabet":"ipa","phoneme":"ˈæktʃuəli"}],"end_call_after_silence_ms":600000,
"max_call_duration_ms":3600000,"begin_message_delay_ms":0,"ring_duration_ms":30000,
"stt_mode":"fast","custom_stt_config":null,"vocab_specialization":"general",
"denoising_mode":"noise-cancellation","allow_user_dtmf":true,"allow_dtmf_interruption":false,
"user_dtmf_options":{"digit_limit":6,"termination_key":"#","timeout_ms":2500},
"timezone":"Australia/Sydney","voicemail_option":{"action":{"type":"static_text",
"text":"Please call back."},"detection_prompt":null},"ivr_option":null,
"call_screening_option":null,"post_call_analysis_data":[{"type":"string","name":"topic",
"description":"Topic","examples":["hours"],"required":false},{"type":"system-presets",
"name":"user_sentiment","description":"Sentiment"}],"post_call_analysis_model":"gpt-4.1-mini",
"pii_config":{"mode":"post_call","categories":[]},"guardrail_config":{"output_topics":[],
"input_topics":[]},"handbook_config":{"ai_disclosure":true}},{
"agent_id":"agent_1c2b3a4d5e6f70819293a4b5c6","version":0,
"last_modification_timestamp":1777629600000,"agent_name":"Sales","response_engine":{
"type":"conversation-flow","conversation_flow_id":"conversation_flow_fake1","version":null},
"voice_id":"openai-Alloy","language":"de-DE","webhook_url":null}])";

constexpr std::string_view numbers =
    R"([{"phone_number":"+61255501234","phone_number_type":"custom",
"phone_number_pretty":"02 5550 1234","nickname":"Front desk – Zürich","inbound_agents":[{
"agent_id":"agent_7f3a9c2e1b4d5f60718293a4b5","agent_version":"prod","weight":1}],
"outbound_agents":[{"agent_id":"agent_7f3a9c2e1b4d5f60718293a4b5","agent_version":3,
"weight":0.5},{"agent_id":"agent_0a1b2c3d4e5f60718293a4b5c6","weight":0.5}],
"inbound_sms_agents":null,"outbound_sms_agents":null,"area_code":255,
"inbound_webhook_url":null,"inbound_sms_webhook_url":null,"allowed_inbound_country_list":[
"AU"],"allowed_outbound_country_list":null,"fallback_number":null,"sip_outbound_trunk_config":{
"termination_uri":"office.pstn.example.com","auth_username":"user","transport":"TCP"},
"last_modification_timestamp":1780135200000},{"phone_number":"+12025550142",
"phone_number_type":"retell-telnyx","phone_number_pretty":"+1 (202) 555-0142","nickname":null,
"inbound_agents":null,"outbound_agents":[],"inbound_sms_agents":null,
"outbound_sms_agents":null,"area_code":202,"inbound_webhook_url":null,
"inbound_sms_webhook_url":null,"allowed_inbound_country_list":["AU"],
"allowed_outbound_country_list":null,"fallback_number":null,"sip_outbound_trunk_config":null,
"last_modification_timestamp":1780135200000}])";

constexpr std::string_view llms =
    R"([{"llm_id":"llm_234sdertfsdsfsdf","version":3,"is_published":true,"model":"gpt-4.1",
"s2s_model":null,"model_temperature":0,"model_high_priority":false,
"tool_call_strict_mode":true,"knowledge_base_ids":["kb_001"],"kb_config":{"top_k":3,
"filter_score":0.6},"start_speaker":"agent","begin_message":"Good morning!",
"begin_after_user_silence_ms":null,
"general_prompt":"Be polite. Réponds en français si besoin.","general_tools":[{
"type":"end_call","name":"end_call","description":"End the call"},{"type":"custom",
"name":"lookup","url":"https://tools.example/lookup","headers":{
"Authorization":"Bearer not-a-real-key"}}],"states":null,"starting_state":null,
"default_dynamic_variables":{"customer_name":"guest"},"mcps":null,"is_transfer_llm":false,
"last_modification_timestamp":1780135200000}])";

constexpr std::string_view voices =
    R"([{"voice_id":"11labs-Adrian","voice_name":"Adrian","provider":"elevenlabs","gender":"male",
"accent":"American","age":"Young","preview_audio_url":"https://media.example/adrian.mp3"},{
"voice_id":"custom_voice_zoe","voice_name":"Zoë","provider":"cartesia","gender":"female"}])";

constexpr std::string_view concurrency =
    R"({"current_concurrency":3,"concurrency_limit":25,"base_concurrency":20,
"purchased_concurrency":5,"concurrency_purchase_limit":100,"remaining_purchase_limit":95,
"concurrency_burst_enabled":false,"concurrency_burst_limit":0,"reserved_inbound_concurrency":2})";

constexpr std::string_view key_info = R"({"api_key_name":null,"org_name":"Müller & Söhne"})";

constexpr std::string_view exports =
    R"([{"export_request_id":"exp_1","channel":"call","status":"completed",
"created_timestamp":1780272000000,"timezone":"Australia/Sydney",
"url":"https://storage.example/export.csv"},{"export_request_id":"exp_2","channel":"call",
"status":"processing","created_timestamp":1780272300000,"timezone":"UTC"}])";

json::Value read(std::string_view text) {
  return *json::parse(text);
}

// Of an array, the object with that id.
std::optional<json::Value> pick(std::string_view array, std::string_view key, std::string_view id) {
  const json::Value items = read(array);
  for (const json::Value& item : *items.as_array()) {
    const json::Value* member = item.find(key);
    if (member != nullptr && member->as_text() != nullptr && *member->as_text() == id) return item;
  }
  return std::nullopt;
}

}  // namespace

std::optional<json::Array> reference_list(std::string_view path) {
  const auto items = [](std::string_view text) { return *read(text).as_array(); };
  if (path == "/v2/list-agents") return items(agents_listed);
  if (path == "/v2/list-phone-numbers") return items(numbers);
  if (path == "/v2/list-retell-llms") return items(llms);
  if (path == "/v2/list-export-requests") return items(exports);
  return std::nullopt;
}

std::optional<json::Value> reference_object(std::string_view path) {
  const auto after = [&](std::string_view prefix) {
    return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string_view();
  };
  if (path == "/list-voices") return read(voices);
  if (path == "/get-concurrency") return read(concurrency);
  if (path == "/get-api-key-info") return read(key_info);
  if (const auto id = after("/get-agent/"); !id.empty()) return pick(agent_objects, "agent_id", id);
  if (const auto id = after("/get-retell-llm/"); !id.empty()) return pick(llms, "llm_id", id);
  if (const auto id = after("/get-agent-versions/"); !id.empty()) {
    const auto agent = pick(agent_objects, "agent_id", id);
    if (agent) return json::array({*agent});
  }
  return std::nullopt;
}

}  // namespace trunkline::fakes::retell
