{# dbt's --empty and --sample leave rows out: the days of an existing table would be replaced by incomplete ones. #}
{%- macro refuse_incomplete_days(target_relation) -%}
    {%- for flag in ['empty', 'sample'] if invocation_args_dict.get(flag) -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": dbt was run with --" ~ flag ~ ", which leaves rows out, and " ~ target_relation ~ " exists: its "
            ~ "days would be replaced by incomplete ones. Use --" ~ flag ~ " in a schema of its own.") }}
    {%- endfor -%}
{%- endmacro -%}
