import { Interaction } from '@web/public/interaction';
import { registry } from '@web/core/registry';

const CONFIRMATION_SECONDS = 2;

/** A button that copies a text, and says so for a moment. */
export class CopyText extends Interaction {
    static selector = '.o_trpay_copy';
    dynamicContent = {
        _root: { 't-on-click': this.onClick },
        '.o_trpay_copy_before': { 't-att-class': () => ({ 'd-none': this.isCopied }) },
        '.o_trpay_copy_after': { 't-att-class': () => ({ 'd-none': !this.isCopied }) },
    };

    setup() {
        this.isCopied = false;
    }

    async onClick() {
        this.isCopied = await this.waitFor(this.copy(this.el.dataset.text));
        this.waitForTimeout(() => {
            this.isCopied = false;
        }, 1000 * CONFIRMATION_SECONDS);
    }

    async copy(text) {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch {
            return this.copySelected(text); // Without https there is no clipboard.
        }
    }

    copySelected(text) {
        const field = document.createElement('textarea');
        field.value = text;
        field.readOnly = true; // Or a phone shows its keyboard.
        this.el.appendChild(field);
        field.select();
        const isCopied = document.execCommand('copy');
        field.remove();
        return isCopied;
    }
}

registry.category('public.interactions').add('payment_trpay.copy_text', CopyText);
