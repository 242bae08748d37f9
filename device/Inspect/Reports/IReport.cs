namespace SipEmbedded.Device.Inspect.Reports;

/// <summary>Prints what was found, message by message. Nothing is kept: a report can be as long as its input.</summary>
internal interface IReport
{
    void Add(InspectedMessage message);

    /// <summary>Everything added so far is with the reader when this returns.</summary>
    void Flush();
}
