{#
    After a run: one line of advice for each known cause among the errors of `results` (dbt's list, as an on-run-end hook
    gets it). A cause is a pattern that is looked for in the error's text. An error of unknown cause gets no line: dbt has
    printed it already. docs/when_a_run_fails.md has the same causes for the reader.
#}
{%- macro explain_failures(results) -%}
    {%- set causes = adapter.dispatch('failure_causes')() -%}
    {%- set advice = [] -%}
    {#- Also 'skipped': a model that reads an ephemeral one which failed counts as that, and its message says so. -#}
    {%- for result in results if result.status in ('error', 'skipped') and result.message -%}
        {%- for cause in causes if modules.re.search(cause.pattern, result.message) and cause.advice not in advice -%}
            {%- do advice.append(cause.advice) -%}
        {%- endfor -%}
        {%- set file_advice = adapter.dispatch('log_file_advice')(result.message) -%}
        {%- if file_advice and file_advice not in advice -%}
            {%- do advice.append(file_advice) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for text in advice -%}
        {%- do log("What to do: " ~ text, info=true) -%}
    {%- endfor -%}
{%- endmacro -%}


{#-
    The first query of a run is made while an ephemeral model is compiled, and dbt keeps that error from the results: then the
    result says only that the ephemeral model failed.
-#}
{%- macro athena__failure_causes() -%}
    {{ return([
        {
            'pattern': 'Bytes scanned limit was exceeded',
            'advice': "Athena ended a query at the scan limit of work group " ~ target.work_group ~ ". Read fewer days per run (--vars "
                ~ "'{start_date: YYYY-MM-DD, end_date: YYYY-MM-DD}'), or raise the limit of the work group: its per-query data usage "
                ~ "control (BytesScannedCutoffPerQuery).",
        },
        {
            'pattern': 'ExpiredToken|[Tt]oken included in the request is expired',
            'advice': "the AWS credentials have expired. Get new ones, as for any AWS command, and run again.",
        },
        {
            'pattern': 'Unable to verify/create output bucket|caused by compilation error in referenced ephemeral model',
            'advice': "Athena refused a query; the error above says why. If it names the output bucket: that is the environment variable "
                ~ "ATHENA_RESULTS, " ~ target.s3_staging_dir ~ ". Create the bucket in region " ~ target.region_name ~ ", correct the "
                ~ "variable, or let these credentials write there. If it names a token: get new credentials. If AWS took no more requests "
                ~ "for now (a rate was exceeded): wait, or let fewer queries run at once (environment variable DBT_THREADS, now "
                ~ target.threads ~ "). Then run again.",
        },
        {
            'pattern': 'ThrottlingException|TooManyRequestsException|Rate exceeded|SlowDown',
            'advice': "AWS took no more requests for now, also after retries. Run again later, or with fewer queries at once "
                ~ "(environment variable DBT_THREADS, now " ~ target.threads ~ ").",
        },
    ]) }}
{%- endmacro -%}


{%- macro duckdb__failure_causes() -%}
    {{ return([
        {
            'pattern': 'No space left on device|File too large|Could not write file',
            'advice': "the disk of the warehouse " ~ target.path ~ " is full. Make space, or move the file and name its new place with the "
                ~ "environment variable WAREHOUSE; then run again.",
        },
    ]) }}
{%- endmacro -%}


{#
    An object that ended the query, when it is a log file of ours and not merely missing or forbidden. The command is
    meant for a shell, and keys are other people's text: it is given for keys of harmless characters alone.
#}
{%- macro athena__log_file_advice(message) -%}
    {%- set code = modules.re.search('HIVE_[A-Z_]+', message) -%}
    {%- set path = modules.re.search('s3://[^\\s"\'`]+', message) -%}
    {%- set is_other_cause = modules.re.search('(?i)access.?denied|forbidden|not exist|no such key|nosuchkey|storage class|slow.?down', message) -%}
    {%- if not code or not path or is_other_cause -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set file = modules.re.sub('[].,:;)]+$', '', path.group(0)) -%}
    {%- set homes = [] -%}
    {%- for definition in raw_table_definitions() if definition.is_in_use and file.startswith(raw_table_location(definition) ~ '/') -%}
        {%- do homes.append(definition.name) -%}
    {%- endfor -%}
    {%- if not homes -%}
        {{ return(none) }}
    {%- endif -%}
    {%- if not modules.re.fullmatch('[A-Za-z0-9/._=:+@%,~-]+', file) -%}
        {{ return("a log file of raw table " ~ homes[0] ~ " cannot be read. Its name, in the error above, holds characters that a shell may "
            ~ "take for a command. Quarantine it with care: docs/raw_tables.md, \"A file that no query can read\".") }}
    {%- endif -%}
    {%- set vars = invocation_args_dict.get('vars') or {} -%}
    {%- set vars_text = (vars if vars is string else tojson(vars)) | replace("'", "'\\''") -%}
    {{ return("the log file " ~ file ~ " cannot be read. Leave it out and run again:\n  dbt run-operation quarantine_log_file --target "
        ~ target.name ~ " --args '{file: \"" ~ file ~ "\", problem: " ~ code.group(0) ~ "}'" ~ (" --vars '" ~ vars_text ~ "'" if vars else "")) }}
{%- endmacro -%}


{%- macro duckdb__log_file_advice(message) -%}
    {#- Files are looked at before any model reads them; the bad ones are left out and named. -#}
    {{ return(none) }}
{%- endmacro -%}
