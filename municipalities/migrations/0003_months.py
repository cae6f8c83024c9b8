"""Partitions by month, for whichever table goes by the month: made ahead, and found when their time is over.

The months are instants in UTC, so that no clock change and no session's time zone moves a border. What has no month
of its own lies in the table's default partition (`<table>_default`), so that no row is ever lost, and is moved out when
its month is made.

Only the tables' owner may call these; what the application may ask for is each table's own function, which names the
table. They look up nothing by a caller's search path, wait for no lock longer than five seconds (the next night tries
again) and decide by the database's own clock, which no caller can set.
"""

from django.db import migrations

CREATE_FUNCTIONS = """
CREATE FUNCTION make_month(parent text, by_time text, month date) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    partition text := parent || to_char(month, '"_"YYYY"_"MM');
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass('public.' || partition) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL EXCLUDING IDENTITY)', partition, parent);
    EXECUTE format(
        'WITH stray AS (DELETE FROM public.%I WHERE %I >= $1 AND %I < $2 RETURNING *) '
        'INSERT INTO public.%I SELECT * FROM stray',
        parent || '_default', by_time, by_time, partition
    ) USING since, until;
    EXECUTE format(
        'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        parent, partition, since, until
    );
    RETURN partition;
END $$;

CREATE FUNCTION make_months(parent text, by_time text, first date DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    this_month date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    month date;
    made text;
BEGIN
    -- Two that make the same months take turns, and the second finds them made.
    PERFORM pg_advisory_xact_lock(hashtextextended('make_months ' || parent, 0));
    first := date_trunc('month', least(first, this_month - interval '1 month'))::date;
    FOR month IN EXECUTE format(
        'SELECT generate_series($1, $2 + interval ''3 months'', interval ''1 month'')::date '
        'UNION (SELECT DISTINCT date_trunc(''month'', %I AT TIME ZONE ''UTC'')::date FROM public.%I LIMIT 12)',
        by_time, parent || '_default'
    ) USING first, this_month LOOP
        made := public.make_month(parent, by_time, month);
        IF made IS NOT NULL THEN
            RETURN NEXT made;
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION months_past(parent text, keep_months integer) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT child.relname FROM pg_inherits
    JOIN pg_class child ON child.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent = ('public.' || quote_ident(parent))::regclass
    AND child.relname ~ '_[0-9]{4}_[0-9]{2}$'
    AND to_date(right(child.relname, 7), 'YYYY"_"MM')
        < date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => keep_months)
    ORDER BY child.relname
$$;

REVOKE ALL ON FUNCTION make_month(text, text, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION make_months(text, text, date) FROM PUBLIC;
REVOKE ALL ON FUNCTION months_past(text, integer) FROM PUBLIC;
"""

DROP_FUNCTIONS = """
DROP FUNCTION months_past(text, integer);
DROP FUNCTION make_months(text, text, date);
DROP FUNCTION make_month(text, text, date);
"""


class Migration(migrations.Migration):
    dependencies = [("municipalities", "0002_scope_and_walls")]

    operations = [migrations.RunSQL(CREATE_FUNCTIONS, DROP_FUNCTIONS)]
