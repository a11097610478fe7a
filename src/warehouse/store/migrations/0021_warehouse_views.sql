-- What people ask the warehouse (contracts/warehouse.md, section 9). Counts are of primary rows, costs of all
-- rows, never of two currencies together.

CREATE OR REPLACE VIEW telco.daily_call_summary AS
SELECT t.call_date, p.name AS provider, t.direction AS direction, nullif(t.currency, '') AS currency,
       sum(t.calls)::bigint AS total_calls, sum(t.completed_calls)::bigint AS completed_calls,
       sum(t.duration_seconds)::bigint AS total_duration, sum(t.billable_seconds)::bigint AS total_billable,
       telco.money(CASE WHEN sum(t.costed_calls) = 0 THEN NULL ELSE sum(t.cost_units) END) AS total_cost
FROM telco.call_totals t JOIN telco.providers p ON p.provider_id = t.provider_id
WHERE t.calls > 0 OR t.costed_calls > 0
GROUP BY t.call_date, p.name, t.direction, t.currency;

-- The rental of each number and month: the billing item where there is one, else the price in that month.
CREATE OR REPLACE VIEW telco.number_rentals AS
SELECT (substr(b.period_start::text, 1, 7) || '-01')::date AS month, b.provider_id, b.account, b.phone_number,
       b.currency, b.total_units AS units, 'billed' AS source
FROM telco.billing_items b
WHERE b.item_type = 'number_rental' AND b.period_start IS NOT NULL AND b.total_units IS NOT NULL
UNION ALL
SELECT m.month::date, m.provider_id, m.account, m.phone_number, m.currency, m.price_units, 'price'
FROM telco.number_months m
WHERE NOT EXISTS (
  SELECT 1 FROM telco.billing_items b
  WHERE b.item_type = 'number_rental' AND b.provider_id = m.provider_id AND b.account = m.account
    AND b.phone_number = m.phone_number AND substr(b.period_start::text, 1, 7) = substr(m.month, 1, 7)
    AND b.total_units IS NOT NULL);

CREATE OR REPLACE VIEW telco.monthly_cost_summary AS
SELECT s.month, p.name AS provider, s.currency, sum(s.calls)::bigint AS total_calls,
       telco.money(CASE WHEN sum(s.costed) = 0 THEN NULL ELSE sum(s.cost_units) END) AS call_costs,
       telco.money(CASE WHEN sum(s.rented) = 0 THEN NULL ELSE sum(s.rental_units) END) AS number_rental
FROM (
  SELECT (substr(t.call_date::text, 1, 7) || '-01')::date AS month, t.provider_id,
         nullif(t.currency, '') AS currency, t.calls AS calls, t.costed_calls AS costed, t.cost_units AS cost_units,
         0 AS rented, 0 AS rental_units
  FROM telco.call_totals t WHERE t.calls > 0 OR t.costed_calls > 0
  UNION ALL
  SELECT r.month, r.provider_id, r.currency, 0, 0, 0, 1, r.units FROM telco.number_rentals r
) s JOIN telco.providers p ON p.provider_id = s.provider_id
GROUP BY s.month, p.name, s.currency;

CREATE OR REPLACE VIEW telco.missed_calls AS
SELECT c.id, p.name AS provider, c.account, c.external_call_id, c.started_at, c.from_number, c.to_number, c.status,
       c.disposition
FROM telco.calls c JOIN telco.providers p ON p.provider_id = c.provider_id
WHERE c.direction = 'inbound' AND c.status IN ('no_answer', 'canceled', 'busy') AND c.is_primary = true;

-- By the number of ours: the caller's of outbound calls, the called one of inbound calls.
CREATE OR REPLACE VIEW telco.cost_by_number AS
SELECT p.name AS provider, c.account,
       CASE WHEN c.direction = 'inbound' THEN c.to_number ELSE c.from_number END AS phone_number, c.currency,
       sum(CASE WHEN c.is_primary = true THEN 1 ELSE 0 END)::bigint AS total_calls,
       sum(CASE WHEN c.is_primary = true THEN coalesce(c.duration_seconds, 0) ELSE 0 END)::bigint AS total_duration,
       telco.money(sum(c.cost_units)) AS total_cost
FROM telco.calls c JOIN telco.providers p ON p.provider_id = c.provider_id
GROUP BY p.name, c.account, CASE WHEN c.direction = 'inbound' THEN c.to_number ELSE c.from_number END, c.currency;

CREATE OR REPLACE VIEW telco.agent_summary AS
SELECT c.account, c.retell_agent_id AS agent_id, max(coalesce(a.agent_name, c.retell_agent_name)) AS agent_name,
       c.currency, count(*)::bigint AS total_calls,
       sum(CASE WHEN c.status = 'completed' THEN 1 ELSE 0 END)::bigint AS completed_calls,
       sum(coalesce(c.duration_seconds, 0))::bigint AS total_seconds,
       telco.money(sum(c.cost_units)) AS total_cost, max(c.started_at) AS last_call_at
FROM telco.calls c
LEFT JOIN telco.retell_agents a
  ON a.provider_id = c.provider_id AND a.account = c.account AND a.agent_id = c.retell_agent_id
WHERE c.retell_agent_id IS NOT NULL
GROUP BY c.account, c.retell_agent_id, c.currency;

-- Lag is in seconds.
-- @postgresql
CREATE OR REPLACE VIEW telco.sync_health AS
SELECT p.name AS provider, l.account, l.sync_type,
       max(CASE WHEN l.status = 'success' THEN l.completed_at END) AS last_success,
       max(l.started_at) AS last_start,
       extract(epoch FROM now() - max(CASE WHEN l.status = 'success' THEN l.completed_at END))::bigint AS lag
FROM telco.sync_log l JOIN telco.providers p ON p.provider_id = l.provider_id
GROUP BY p.name, l.account, l.sync_type;

-- @sqlite
CREATE OR REPLACE VIEW telco.sync_health AS
SELECT p.name AS provider, l.account, l.sync_type,
       max(CASE WHEN l.status = 'success' THEN l.completed_at END) AS last_success,
       max(l.started_at) AS last_start,
       CAST(strftime('%s', 'now') AS bigint) -
         CAST(strftime('%s', max(CASE WHEN l.status = 'success' THEN l.completed_at END)) AS bigint) AS lag
FROM telco.sync_log l JOIN telco.providers p ON p.provider_id = l.provider_id
GROUP BY p.name, l.account, l.sync_type;

-- What a call of ours cost at the carriers that carried it, and what it was sold for. The carrier's further
-- charges for the session are in it.
CREATE OR REPLACE VIEW telco.call_margin AS
SELECT o.id AS call_id, o.external_call_id, o.started_at, o.currency, telco.money(o.cost_units) AS price,
       k.currency AS carrier_currency, telco.money(k.units) AS carrier_cost,
       CASE WHEN o.currency = k.currency THEN telco.money(o.cost_units - k.units) END AS margin
FROM telco.calls o
JOIN telco.providers p ON p.provider_id = o.provider_id AND p.name = 'trunkline'
LEFT JOIN (
  SELECT l.call_id, x.currency, sum(x.units) AS units
  FROM telco.call_links l
  JOIN (
    SELECT c.id AS call_id, c.currency, c.cost_units AS units FROM telco.calls c WHERE c.cost_units IS NOT NULL
    UNION ALL
    SELECT h.call_id, h.currency, h.amount_units FROM telco.call_charges h
    WHERE h.is_in_call_cost = false AND h.amount_units IS NOT NULL AND h.call_id IS NOT NULL
  ) x ON x.call_id = l.carrier_call_id
  GROUP BY l.call_id, x.currency
) k ON k.call_id = o.id;
