-- Ranges of addresses are compared as text: a missing or misplaced digit puts a public address among
-- the private ones, and its bytes out of the egress.
with

cases as (
    select
        literals.case_name,
        literals.address,
        literals.expected_answer
    from (
        values
        ('lowest IPv4', '0.0.0.0', '00000000'),
        ('highest IPv4', '255.255.255.255', 'ffffffff'),
        ('every octet in its place', '1.2.3.4', '01020304'),
        ('octet of two digits', '10.0.16.255', '0a0010ff'),
        ('octet too large', '10.0.0.256', null),
        ('leading zero', '10.0.0.01', null),
        ('too few octets', '10.0.0', null),
        ('too many octets', '10.0.0.1.2', null),
        ('negative octet', '10.0.0.-1', null),
        ('IPv6', '0001:0002:0003:0004:0005:0006:0007:0008', '00010002000300040005000600070008'),
        ('short groups', '2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'),
        ('capitals', '2001:DB8::ABCD', '20010db800000000000000000000abcd'),
        ('gap in the middle', '2001:db8::1:2', '20010db8000000000000000000010002'),
        ('gap for one group', '1:2:3:4::6:7:8', '00010002000300040000000600070008'),
        ('gap at the start', '::1', '00000000000000000000000000000001'),
        ('gap at the end', 'fe80::', 'fe800000000000000000000000000000'),
        ('nothing but a gap', '::', '00000000000000000000000000000000'),
        ('gap beside eight groups', '1:2:3:4::5:6:7:8', null),
        ('two gaps', '1::2::3', null),
        ('three colons', '1:::2', null),
        ('seven groups without a gap', '1:2:3:4:5:6:7', null),
        ('nine groups', '1:2:3:4:5:6:7:8:9', null),
        ('group too long', '2001:db8::12345', null),
        ('letter beyond f', '2001:db8::g', null),
        ('IPv4 tail', '::ffff:10.0.0.1', null),
        ('zone', 'fe80::1%eth0', null),
        ('blank', ' 10.0.0.1', null),
        ('dash', '-', null),
        ('empty', '', null),
        ('null', null, null)
    ) as literals (case_name, address, expected_answer)
),

answers as (
    select
        case_name,
        {{ address_to_hex('address') }} as answer,
        expected_answer
    from cases
)

select *
from answers
where answer is distinct from expected_answer
