"""Compiles what the website's and the back office's pages load. Runs in Odoo's shell.

Odoo would do it when a page is first asked for, in every copy of the database again.
"""

BUNDLES = {
    'web.assets_frontend': ('css', 'js'),
    'web.assets_frontend_minimal': ('js',),
    'web.assets_frontend_lazy': ('js',),
    'web.assets_web': ('css', 'js'),
    'web.report_assets_common': ('css',),
}

website = env['website'].search([], limit=1)
for bundle, kinds in BUNDLES.items():
    params = {'website_id': website.id} if 'frontend' in bundle else {}
    for kind in kinds:
        chosen = {'css': kind == 'css', 'js': kind == 'js'}
        assets = env['ir.qweb']._get_asset_bundle(bundle, assets_params=params, **chosen)
        getattr(assets, kind)()
