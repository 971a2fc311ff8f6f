-- How much of the way to wraparound each database has gone, in transactions and multixacts. All databases count, those
-- too that nobody may connect to: template0 can stop a server like any other.
SELECT d.datname::text                                  AS db,
       pg_catalog.age(d.datfrozenxid)::float8           AS tx_age,
       pg_catalog.mxid_age(d.datminmxid)::float8        AS mxid_age
  FROM pg_catalog.pg_database AS d
 ORDER BY tx_age DESC, db
 LIMIT 500
