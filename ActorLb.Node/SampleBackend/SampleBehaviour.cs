using Microsoft.AspNetCore.Http;

namespace ActorLb.Node.SampleBackend;

/// <summary>
/// How the sample backend treats its clients, probes included: well, or as servers do that are ill in ways that no
/// status code tells. <c>POST /behave?as=well|slow|silent|reset</c>.
/// </summary>
internal sealed class SampleBehaviour(TimeProvider time)
{
    public const string Path = "/behave";

    /// <summary>Noticed by people, and well below what a probe waits.</summary>
    public static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(400);

    private volatile Manner _manner = Manner.Well;

    private enum Manner
    {
        /// <summary>Answers.</summary>
        Well,

        /// <summary>Answers after <see cref="Slowness"/>.</summary>
        Slow,

        /// <summary>Accepts and never answers.</summary>
        Silent,

        /// <summary>Resets the connection.</summary>
        Reset,
    }

    /// <returns>Whether this request is to be answered. Asking for another behaviour always is.</returns>
    public async Task<bool> LetsAsync(HttpContext context)
    {
        if (context.Request.Path == Path)
        {
            return true;
        }

        switch (_manner)
        {
            case Manner.Slow:
                await Task.Delay(Slowness, time, context.RequestAborted);
                return true;
            case Manner.Silent:
                await NeverAsync(context);
                return false;
            case Manner.Reset:
                context.Abort();
                return false;
            default:
                return true;
        }
    }

    /// <summary>Answers 400 to a behaviour that there is not.</summary>
    public Task SetAsync(HttpContext context, string server)
    {
        if (!Enum.TryParse(context.Request.Query["as"], ignoreCase: true, out Manner manner) || !Enum.IsDefined(manner))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return context.Response.WriteAsync("?as= takes well, slow, silent or reset.\n", context.RequestAborted);
        }

        _manner = manner;
        return context.Response.WriteAsync($"{server} behaves {manner.ToString().ToLowerInvariant()} from now on\n", context.RequestAborted);
    }

    // The client's patience ends it, or the server's.
    private async Task NeverAsync(HttpContext context)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }
}
