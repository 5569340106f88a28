from kinds import Manager

manager = Manager.APT
