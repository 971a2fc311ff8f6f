-- Publications, and whether each is of all tables.
SELECT p.pubname::text                                     AS publication,
       p.puballtables                                      AS of_all_tables
  FROM pg_catalog.pg_publication AS p
 ORDER BY p.pubname
 LIMIT 501
