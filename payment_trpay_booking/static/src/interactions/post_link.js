import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

/** A link that posts: whatever follows links without a hand, a mail scanner say, changes nothing. */
export class PostLink extends Interaction {
    static selector = 'a.o_book_post';
    dynamicContent = { _root: { 't-on-click.prevent': this.post } };

    post() {
        const token = document.createElement('input');
        Object.assign(token, { type: 'hidden', name: 'csrf_token', value: odoo.csrf_token });
        const form = document.createElement('form');
        Object.assign(form, { method: 'post', action: this.el.href });
        form.append(token);
        document.body.append(form);
        form.submit();
    }
}

registry.category('public.interactions').add('payment_trpay_booking.post_link', PostLink);
