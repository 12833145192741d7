using System.Text;
using ActorLb.Engine.Failures;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Filters;

/// <summary>Answers every request of its route with the same.</summary>
internal sealed class FixedAnswer(RespondSettings settings) : IRequestFilter
{
    private readonly FilterVerdict _verdict = new(FailureReason.AnsweredByRoute, new RouteAnswer(
        settings.Status,
        settings.ContentType.Length == 0 ? [] : RouteAnswer.LinesOf(("Content-Type", settings.ContentType)),
        Encoding.UTF8.GetBytes(settings.Body)));

    public FilterVerdict Look(in FilteredRequest request) => _verdict;
}
