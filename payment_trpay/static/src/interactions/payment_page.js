import { rpc } from '@web/core/network/rpc';
import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

const POLL_SECONDS = 5;

/**
 * The provider's page in a frame of ours: it grows with its content, and when the customer is sent
 * back inside the frame, the whole window follows. A bank transfer sends nobody back, so the page
 * also asks whether anything is known of the payment. A failure is left to the provider's page: the
 * customer may try again there.
 */
export class PaymentPage extends Interaction {
    static selector = '.o_trpay_page';
    dynamicContent = {
        '.o_trpay_frame': { 't-on-load': this.onFrameLoad },
    };

    async willStart() {
        const { resizerUrl } = this.el.dataset;
        await this.waitFor(this.loadScript(resizerUrl));
    }

    start() {
        // Without the provider's script the frame keeps its own, scrollable height.
        if (window.iFrameResize) {
            const frame = this.el.querySelector('.o_trpay_frame');
            frame.classList.add('o_trpay_frame_fitted');
            window.iFrameResize({}, `#${frame.id}`);
        }
        this.waitForTimeout(() => this.poll(), 1000 * POLL_SECONDS);
    }

    async poll() {
        try {
            const { state } = await this.waitFor(rpc('/payment/status/poll', {}, { silent: true }));
            if (['pending', 'authorized', 'done'].includes(state)) {
                window.location = this.el.dataset.statusUrl;
                return;
            }
        } catch {
            // The connection comes and goes on a phone: ask again.
        }
        this.waitForTimeout(() => this.poll(), 1000 * POLL_SECONDS);
    }

    loadScript(url) {
        return new Promise((resolve) => {
            const script = document.createElement('script');
            script.src = url;
            script.addEventListener('load', resolve);
            script.addEventListener('error', resolve);
            document.head.appendChild(script);
        });
    }

    onFrameLoad(ev) {
        let address;
        try {
            address = ev.currentTarget.contentWindow.location;
            if (address.origin !== window.location.origin) {
                return;
            }
        } catch {
            return; // Still on the provider's site.
        }
        window.location = address.href;
    }
}

registry.category('public.interactions').add('payment_trpay.payment_page', PaymentPage);
