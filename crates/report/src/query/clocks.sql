-- Where what a page view showed changes by over 15 s from one record to the next, its clock was set, and a new run begins.
record AS (
  SELECT page_view, forwarded, sequence, MIN(behind) AS behind, MIN(age) AS least, MAX(age) AS most
  FROM told GROUP BY page_view, forwarded, sequence
),
step AS (
  SELECT page_view, forwarded, sequence, behind, least, most,
    behind - {lag}(behind, 1, behind) OVER (PARTITION BY page_view, forwarded ORDER BY sequence) AS step
  FROM record
),
run AS (
  SELECT page_view, forwarded, sequence, behind, least, most,
    SUM(CASE WHEN forwarded = 0 AND step NOT BETWEEN -15000 AND 15000 THEN 1 ELSE 0 END)
      OVER (PARTITION BY page_view, forwarded ORDER BY sequence) AS run
  FROM step
),
-- A clock that is ahead is always put right. One that is behind, only by more than 15 s, for a client gives up after 10; and not
-- where something in between may have waited.
told_right AS (
  SELECT page_view, forwarded, run, MIN(sequence) AS first, MAX(sequence) AS last, MIN(least) AS least, MAX(most) AS most,
    CASE WHEN MIN(behind) < 0 OR MIN(behind) > 15000 AND forwarded = 0 THEN MIN(behind) ELSE 0 END AS moved
  FROM run GROUP BY page_view, forwarded, run
),
-- Nothing happened after it arrived, nor over 400 days before. A run is moved as a whole.
possible AS (
  SELECT page_view, forwarded, run, first, last, least, most, CASE WHEN moved > least THEN least ELSE moved END AS moved FROM told_right
),
moved AS (
  SELECT page_view, forwarded, run, first, last,
    CASE WHEN most - moved > {oldest} AND most - least <= {oldest} THEN least ELSE moved END AS moved
  FROM possible
)
