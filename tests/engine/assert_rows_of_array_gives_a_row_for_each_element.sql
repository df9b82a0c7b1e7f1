-- Each address of an interface becomes a row: a lost one would leave traffic without an owner, and a row
-- without an address would match nothing in silence.
with

cases as (
    select
        listed.case_name,
        listed.addresses
    from (
        values
        ('several', '10.0.0.1 10.0.0.2 10.0.0.1'),
        ('one', '10.0.0.9'),
        ('none', null)
    ) as listed (case_name, addresses)
),

addresses as (
    select
        cases.case_name,
        listed.address
    from cases
    cross join {{ rows_of_array("split(cases.addresses, ' ')") }} as listed (address)
),

counted_addresses as (
    select
        case_name,
        address,
        count(*) as number_of_rows
    from addresses
    group by case_name, address
),

expected as (
    select
        listed.case_name,
        listed.address,
        listed.number_of_rows
    from (
        values
        ('several', '10.0.0.1', 2),
        ('several', '10.0.0.2', 1),
        ('one', '10.0.0.9', 1)
    ) as listed (case_name, address, number_of_rows)
)

select
    counted_addresses.number_of_rows,
    expected.number_of_rows as expected_number_of_rows
from counted_addresses
full outer join expected
    on
        counted_addresses.case_name = expected.case_name
        and counted_addresses.address = expected.address
where counted_addresses.number_of_rows is distinct from expected.number_of_rows
