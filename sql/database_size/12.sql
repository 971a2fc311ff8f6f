-- Size of one database on disk: the server adds up all of its files, 2 ms per 1,000 of them, without a lock. A statement for
-- each database, one after the other, so that one that takes too long costs no other its size.
SELECT pg_catalog.pg_database_size($1::text::oid)::float8      AS size_bytes,
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) AS measured_at
