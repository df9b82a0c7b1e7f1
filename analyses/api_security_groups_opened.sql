-- Which ports of security groups were opened to the whole internet, 0.0.0.0/0 or ::/0, in the days asked for, by
-- whom and from where, the latest first: one row for each rule. Attempts that failed have an error code. Whether a
-- rule that ModifySecurityGroupRules changed is one for what comes in, its record does not say.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and event_source = 'ec2.amazonaws.com'
        and event_name in ('AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules')
        and not is_shared_copy
),

-- AuthorizeSecurityGroupIngress lists permissions, or has one in parameters of its own
-- (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html).
-- ModifySecurityGroupRules has one changed rule as an object, or lists several.
rules as (
    select
        events.*,
        events.request_parameters as rule_text
    from events
    union all
    select
        events.*,
        listed.rule_text
    from events
    cross join
        {{ rows_of_array(json_elements('events.request_parameters', '$.ipPermissions.items')) }}
            as listed (rule_text)
    union all
    select
        events.*,
        listed.rule_text
    from events
    cross join
        {{ rows_of_array(json_elements(
            'events.request_parameters', '$.ModifySecurityGroupRulesRequest.SecurityGroupRule'
        )) }} as listed (rule_text)
),

{% set changed_rule = '$.ModifySecurityGroupRulesRequest.SecurityGroupRule.SecurityGroupRule.' -%}
rules_with_ranges as (
    select
        *,
        coalesce(
            {{ json_text('rule_text', '$.ipProtocol') }},
            {{ json_text('rule_text', '$.SecurityGroupRule.IpProtocol') }},
            {{ json_text('rule_text', changed_rule ~ 'IpProtocol') }}
        ) as protocol,
        coalesce(
            {{ json_text('rule_text', '$.fromPort') }},
            {{ json_text('rule_text', '$.SecurityGroupRule.FromPort') }},
            {{ json_text('rule_text', changed_rule ~ 'FromPort') }}
        ) as from_port,
        coalesce(
            {{ json_text('rule_text', '$.toPort') }},
            {{ json_text('rule_text', '$.SecurityGroupRule.ToPort') }},
            {{ json_text('rule_text', changed_rule ~ 'ToPort') }}
        ) as to_port,
        coalesce(
            {{ json_text('rule_text', '$.cidrIp') }},
            {{ json_text('rule_text', '$.SecurityGroupRule.CidrIpv4') }},
            {{ json_text('rule_text', changed_rule ~ 'CidrIpv4') }}
        ) as ipv4_range,
        coalesce(
            {{ json_text('rule_text', '$.SecurityGroupRule.CidrIpv6') }},
            {{ json_text('rule_text', changed_rule ~ 'CidrIpv6') }}
        ) as ipv6_range,
        {{ json_texts('rule_text', '$.ipRanges.items', '$.cidrIp') }} as ipv4_ranges,
        {{ json_texts('rule_text', '$.ipv6Ranges.items', '$.cidrIpv6') }} as ipv6_ranges
    from rules
),

rules_with_reach as (
    select
        *,
        coalesce(
            {{ json_text('request_parameters', '$.groupId') }},
            {{ json_text('request_parameters', '$.groupName') }},
            {{ json_text('request_parameters', '$.ModifySecurityGroupRulesRequest.GroupId') }},
            'unknown'
        ) as security_group,
        coalesce(ipv4_range, '') = '0.0.0.0/0'
        or {{ element_position('ipv4_ranges', "'0.0.0.0/0'") }} is not null as is_open_to_ipv4,
        coalesce(ipv6_range, '') = '::/0'
        or {{ element_position('ipv6_ranges', "'::/0'") }} is not null as is_open_to_ipv6
    from rules_with_ranges
)

select
    event_at,
    account_id,
    region,
    event_name,
    security_group,
    -- The number -1 is every protocol, which has no ports (same page).
    case protocol when '-1' then 'all' else protocol end as protocol,
    from_port,
    to_port,
    is_open_to_ipv4,
    is_open_to_ipv6,
    principal_name,
    principal_id,
    source_address,
    is_aws_service,
    error_code,
    event_id
from rules_with_reach
where is_open_to_ipv4 or is_open_to_ipv6
order by
    event_at desc,
    account_id,
    event_id,
    protocol,
    from_port,
    to_port,
    is_open_to_ipv4,
    is_open_to_ipv6
