import { cookie } from '@web/core/browser/cookie';
import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

/**
 * Shows times as the visitor's clock does. The server remembers the zone by the cookie that core
 * reads too; where cookies are refused, the page's address carries it.
 */
export class VisitorZone extends Interaction {
    static selector = '.o_book_zone';

    start() {
        const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
        const address = new URL(window.location);
        if (!timeZone || address.searchParams.has('tz')) {
            return;
        }
        cookie.set('tz', timeZone);
        if (timeZone !== this.el.dataset.zone) {
            address.searchParams.set('tz', timeZone);
            window.location.replace(address);
        }
    }
}

registry.category('public.interactions').add('payment_trpay_booking.visitor_zone', VisitorZone);
