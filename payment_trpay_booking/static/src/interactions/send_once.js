import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

/** A second tap on the button sends nothing. */
export class SendOnce extends Interaction {
    static selector = '.o_book_form';
    dynamicContent = {
        _root: { 't-on-submit': this.onSubmit },
        _window: { 't-on-pageshow': () => this.setBusy(false) },
    };

    onSubmit() {
        this.setBusy(true);
    }

    setBusy(busy) {
        this.el.querySelector('[type=submit]').disabled = busy;
    }
}

registry.category('public.interactions').add('payment_trpay_booking.send_once', SendOnce);
