using System.Globalization;
using System.Runtime.CompilerServices;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Failures;
using ActorLb.Engine.Passwords;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>
/// Lets requests through that have a name and a password of a file (RFC 7617). A pair is verified once, and known for a while: that takes a
/// microsecond then, where a verification takes a tenth of a second.
/// </summary>
internal sealed class BasicAuth(BasicAuthSettings settings, UsersFile users, PasswordChecks checks) : IWaitingFilter
{
    private static readonly FilterVerdict Busy = new(FailureReason.AuthBusy);

    private readonly FilterVerdict _refusal = new(
        FailureReason.NotAuthorized,
        new RouteAnswer(0, RouteAnswer.LinesOf(("WWW-Authenticate", $"Basic realm=\"{Quoted(settings.Realm)}\", charset=\"UTF-8\"")), null));

    [SkipLocalsInit]
    public ValueTask<FilterVerdict> LookAsync(in FilteredRequest request)
    {
        Span<byte> buffer = stackalloc byte[BasicCredentials.BytesMax];
        if (!BasicCredentials.TryRead(request, buffer, out BasicCredentials credentials))
        {
            return new(_refusal);
        }

        Users now = users.Now;
        UInt128 pair = now.Verified.Of(credentials.Bytes);
        return now.Verified.Has(pair, request.Now) ? default
            : credentials is { Name: { } name, Password: { } password } ? new(VerifyAsync(checks.CheckAsync(now, pair, name, password, ClientKey.Of(request.Client))))
            : new(_refusal);
    }

    private async Task<FilterVerdict> VerifyAsync(Task<PasswordVerdict> check)
    {
        PasswordVerdict verdict = await check.ConfigureAwait(false);
        return verdict.Outcome switch
        {
            PasswordOutcome.Right => default,
            PasswordOutcome.Wrong => _refusal,
            PasswordOutcome.FailedOften => new(FailureReason.AuthFailedOften, new RouteAnswer(0, RouteAnswer.LinesOf(("Retry-After", Seconds(verdict.Wait))), null)),
            _ => Busy,
        };
    }

    private static string Seconds(TimeSpan wait) => Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);

    // RFC 9110, 5.6.4.
    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
