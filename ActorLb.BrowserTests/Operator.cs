using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace ActorLb.BrowserTests;

/// <summary>Somebody who looks at the dashboard of a node, in a browser window of his own, which says what went wrong in it.</summary>
internal sealed class Operator
{
    private readonly ConcurrentQueue<string> _errors = new();

    private Operator(IPage page)
    {
        Page = page;
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, error) => Note(true, error);
    }

    public IPage Page { get; }

    /// <summary>What the console said, and what scripts threw.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <param name="route">Of the page, behind the '#'.</param>
    /// <param name="isOut">It is to be as it was opened, before somebody logs in.</param>
    public static async Task<Operator> OpenAsync(IBrowser browser, Uri admin, string? token, string route = "/", int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light, bool isOut = false)
    {
        IBrowserContext window = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        window.SetDefaultTimeout(60_000);
        var opened = new Operator(await window.NewPageAsync());
        await opened.Page.GotoAsync($"{admin}#{route}");
        if (token is not null)
        {
            await opened.LogInAsync(token);
        }

        await (isOut ? opened.Page.Locator("form.log-in").WaitForAsync() : opened.WhenLiveAsync());
        return opened;
    }

    public async Task LogInAsync(string token)
    {
        await Page.FillAsync("#token", token);
        await Page.ClickAsync("form.log-in button");
    }

    /// <summary>Returns when the log-in is forgotten, and the page that had it is gone.</summary>
    public async Task LogOutAsync()
    {
        var isLoadedAnew = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Loaded(object? sender, IPage page) => isLoadedAnew.TrySetResult();
        Page.DOMContentLoaded += Loaded;
        await Page.ClickAsync("#log-out");
        await isLoadedAnew.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Page.DOMContentLoaded -= Loaded;
    }

    /// <summary>Returns when another view is shown than before, where the route is another one.</summary>
    public async Task GoAsync(string route)
    {
        await Page.EvaluateAsync(
            "route => { if (location.hash !== '#' + route) { document.querySelector('main h1')?.setAttribute('data-left', ''); location.hash = route; } }", route);
        await Page.Locator("main h1:not([data-left])").WaitForAsync();
    }

    public Task WhenAtAsync(Uri admin) => Page.WaitForURLAsync(url => url.StartsWith(admin.ToString(), StringComparison.Ordinal));

    public Task WhenLiveAsync() => Page.Locator(".beat[data-state=live]").WaitForAsync();

    /// <summary>Waits for a text in an element that a selector names.</summary>
    public Task WhenSaidAsync(string selector, string text) => Page.Locator(selector, new PageLocatorOptions { HasTextString = text }).First.WaitForAsync();

    /// <summary>Waits until an expression is true in the page. Not by a function of the page's own, which its policy forbids.</summary>
    public async Task UntilAsync(string expression)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await Page.EvaluateAsync<bool>($"!!({expression})"))
        {
            if (bound.IsCancellationRequested)
            {
                throw new TimeoutException($"did not come true in the page: {expression}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private void Note(bool isWrong, string text)
    {
        if (isWrong)
        {
            _errors.Enqueue(text);
        }
    }
}
