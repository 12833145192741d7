using Microsoft.Playwright;

namespace ActorLb.BrowserTests;

/// <summary>Somebody with a browser window of his own (cookies are not shared) who has the sample's page open.</summary>
internal sealed class Visitor
{
    // Counts in the page itself how often Blazor found its circuit again; a page that was loaded anew begins at 0.
    private const string CountReconnections = """
        window.reconnections = 0;
        document.addEventListener("components-reconnect-state-changed", e => {
            if (e.detail.state === "hide") window.reconnections++;
        }, true);
        """;

    private readonly IPage _page;

    private Visitor(IPage page) => _page = page;

    public static async Task<Visitor> OpenAsync(IBrowser browser, Uri origin)
    {
        IBrowserContext window = await browser.NewContextAsync();
        window.SetDefaultTimeout(60_000);
        IPage page = await window.NewPageAsync();
        await page.AddInitScriptAsync(CountReconnections);
        await page.GotoAsync(origin.ToString());
        var visitor = new Visitor(page);
        await visitor.WhenLiveAsync();
        return visitor;
    }

    public Task<string> ServerAsync() => _page.InnerTextAsync("#server");

    public Task<string> CircuitAsync() => _page.InnerTextAsync("#circuit");

    public Task<string> CounterAsync() => _page.InnerTextAsync("#counter");

    public Task<string> NotesAsync() => _page.InnerTextAsync("#notes");

    public Task<int> ReconnectionsAsync() => _page.EvaluateAsync<int>("window.reconnections");

    /// <summary>Clicks and waits until the page counts <paramref name="expected"/>.</summary>
    public async Task CountToAsync(int expected)
    {
        await _page.ClickAsync("#count");
        await _page.WaitForFunctionAsync($"document.getElementById('counter').innerText === '{expected}'");
    }

    public async Task KeepAsync(string note)
    {
        await _page.FillAsync("#note", note);
        await _page.ClickAsync("#keep");
        await _page.Locator("#notes li", new PageLocatorOptions { HasTextString = note }).WaitForAsync();
    }

    /// <summary>Waits until Blazor has found its circuit again for the <paramref name="times"/>th time since the page was loaded.</summary>
    public Task WhenReconnectedAsync(int times) => _page.WaitForFunctionAsync($"window.reconnections >= {times}");

    /// <summary>Waits until the page is served by another server than <paramref name="server"/>.</summary>
    public async Task WhenLeftAsync(string server)
    {
        await _page.WaitForFunctionAsync(
            $"(document.getElementById('server') ?? {{ innerText: '{server}' }}).innerText !== '{server}'");
        await WhenLiveAsync();
    }

    /// <summary>Waits for the circuit: before it, the page is only what a server rendered.</summary>
    private Task WhenLiveAsync() => _page.Locator("#count:enabled").WaitForAsync();
}
