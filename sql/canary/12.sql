-- The smallest question there is: what its answer takes is the way to the server and back.
SELECT 1 AS one
