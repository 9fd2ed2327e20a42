"""Fills the demo clinic's calendar. Runs in Odoo's shell.

Written to the tables at once: what matters is what the pages have to read.
"""

import os

count = int(os.environ['BENCH_COUNT'])
login = os.environ['BENCH_LOGIN']

env['res.users'].create(
    {
        'name': "Bench",
        'login': login,
        'password': login,
        'group_ids': [(6, 0, env.ref('base.group_portal').ids)],
    }
)
service = env['resource.booking.type'].search([('price', '>', 0)], limit=1)
partner = env['res.partner'].create({'name': "Ayşe Yılmaz", 'email': 'ayse@example.com'})
env.flush_all()
env.cr.execute(
    """
    WITH slot AS (
        -- Half-hours, each in one of the chairs, from so long ago that half of them are to come.
        SELECT n,
               (date_trunc('day', now()) + interval '6 hours'
                + (n / 32 - %(count)s / 64) * interval '1 day'
                + (n %% 32 / 2) * interval '30 minutes')::timestamp AS start,
               (%(chairs)s)[1 + n %% 2] AS chair
          FROM generate_series(0, %(count)s - 1) AS n
    ), event AS (
        INSERT INTO calendar_event (name, start, stop, duration, active, allday, show_as,
                                    user_id, create_date, videocall_channel_id)
        SELECT 'bench ' || n, start, start + interval '30 minutes', 0.5, true, false, 'busy',
               1, now(), NULL
          FROM slot
        RETURNING id, name
    )
    INSERT INTO resource_booking (type_id, combination_id, meeting_id, start, stop, duration,
                                  state, active, user_id, deposit_stage, deposit_slot,
                                  deposit_state, create_date, combination_auto_assign)
    SELECT %(service)s, slot.chair, event.id, slot.start, slot.start + interval '30 minutes', 0.5,
           'confirmed', true, 1, 'confirmed', slot.start,
           'paid', now(), true
      FROM slot JOIN event ON event.name = 'bench ' || slot.n
    """,
    {
        'count': count,
        'service': service.id,
        'chairs': service.combination_rel_ids.combination_id.ids[:2],
    },
)
env.cr.execute(
    "INSERT INTO res_partner_resource_booking_rel (resource_booking_id, res_partner_id)"
    " SELECT id, %s FROM resource_booking WHERE id NOT IN"
    " (SELECT resource_booking_id FROM res_partner_resource_booking_rel)",
    (partner.id,),
)
