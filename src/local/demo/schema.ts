/** Roles of the demo: the monitor, with what pgmon asks for and no more, and the application. */
export const DEMO_SCHEMA = `
  CREATE EXTENSION pg_stat_statements;
  REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC;
  CREATE ROLE pgmon LOGIN;
  GRANT pg_monitor TO pgmon;
  CREATE ROLE shop LOGIN;
`;

/** Tables of the application. */
export const SHOP_SCHEMA = `
  CREATE TABLE IF NOT EXISTS product (id int PRIMARY KEY, name text NOT NULL, stock int NOT NULL);
  CREATE TABLE IF NOT EXISTS purchase (
    id bigserial PRIMARY KEY, product_id int NOT NULL REFERENCES product, bought_at timestamptz NOT NULL DEFAULT now()
  );
  INSERT INTO product SELECT i, 'product ' || i, 1000 FROM generate_series(1, 2000) AS i ON CONFLICT DO NOTHING;
`;
